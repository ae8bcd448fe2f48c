import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { Button } from "../ui/Button";
import { EmptyPreview } from "./EmptyPreview";
import type { PreviewStore } from "./store";
import type { Contents, RunningApp } from "./useRunningApp";

interface PlaceholderProps {
  contents: Contents;
  store: PreviewStore;
  app: RunningApp;
  working: boolean;
}

/** What is seen as long as there is no app to be seen. */
export function Placeholder({ contents, store, app, working }: PlaceholderProps) {
  const files = useStore(contents.view, (state) => state.status);
  const { status, painted, problem } = useStore(
    store.view,
    useShallow(({ status, painted, problem }) => ({ status, painted, problem })),
  );
  const failed = files === "failed" && !app.preview;
  if (failed || app.failed) {
    return (
      <EmptyPreview
        title={failed ? "The files could not be loaded" : "The preview could not be loaded"}
        text="The connection may be down. Your work is safe."
      >
        <Button kind="primary" className="max-md:h-11" onClick={failed ? () => void contents.retry() : app.retry}>
          Try again
        </Button>
      </EmptyPreview>
    );
  }
  const nothing = files === "ready" && (!app.hasFiles || status === "empty");
  if (nothing && working) {
    return (
      <EmptyPreview
        busy
        title="Claude is building your app"
        text="It runs here as soon as its first page is written."
      />
    );
  }
  if (nothing && app.hasFiles) {
    return (
      <EmptyPreview
        late
        title="There is no page to show yet"
        text="An app begins with index.html or src/main.tsx. Ask Claude for a first page."
      />
    );
  }
  if (nothing) {
    return (
      <EmptyPreview
        title="Your app appears here"
        text="Say in the chat what you want to build. It runs here while Claude writes it."
      />
    );
  }
  if (status === "loading" && !painted && !problem) {
    return <EmptyPreview busy late title="Starting the app" text="Its code and packages are being loaded." />;
  }
  return null;
}
