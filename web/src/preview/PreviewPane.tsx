import { useRef, useState } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Reference } from "../chat/references";
import { type Memory, storage } from "../ui/storage";
import { AppFrame } from "./AppFrame";
import { useAutoFix } from "./autoFix";
import { ConsoleDrawer } from "./ConsoleDrawer";
import { fixRequest, withoutPackageRequest } from "./fixRequest";
import type { OpenFile } from "./LocationLink";
import type { PickedElement, Problem } from "./model";
import { Placeholder } from "./Placeholder";
import { ProblemOverlay } from "./ProblemOverlay";
import { elementReference } from "./reference";
import type { PreviewStore } from "./store";
import { Toolbar } from "./Toolbar";
import { type Contents, type CreatePreview, useRunningApp } from "./useRunningApp";
import { useSize } from "./useSize";

export interface PreviewPaneProps {
  appId: string;
  contents: Contents;
  store: PreviewStore;
  /** Hidden, the app goes on. */
  visible: boolean;
  /** A turn of Claude's runs. */
  working: boolean;
  /** Names the turn that runs or has run to its end, and nothing else. */
  turnKey: string;
  memory?: Memory;
  onOpenFile: OpenFile;
  /** `automatic` where nobody has asked for it at this moment. */
  onAskClaude(text: string, automatic: boolean): void;
  onPick(reference: Reference): void;
  loadEngine?(): Promise<CreatePreview>;
}

const HEIGHT_KEY = "preview-console-height";
const CONSOLE_PANEL = "preview-console";
/** Below this width of the pane, in px, the toolbar folds. */
const COMPACT_BELOW = 640;

const importEngine = async (): Promise<CreatePreview> => (await import("./engine")).createPreview;

/** The vendor's app as it runs, with what is needed to go about in it and to see what is wrong. */
export default function PreviewPane(props: PreviewPaneProps) {
  const { appId, contents, store, visible, working, turnKey, memory = storage } = props;
  const { onOpenFile, onAskClaude, onPick, loadEngine = importEngine } = props;
  const { picking, consoleOpen } = useStore(
    store.view,
    useShallow(({ picking, consoleOpen }) => ({ picking, consoleOpen })),
  );
  const files = useStore(contents.view, (state) => state.files);
  const [size, measure] = useSize();
  const panels = useRef<HTMLDivElement>(null);
  const [consoleHeight] = useState(() => Number(memory.getItem(HEIGHT_KEY)) || 220);
  const app = useRunningApp({
    appId,
    contents,
    store,
    memory,
    working,
    loadEngine,
    onPicked: (element: PickedElement) => onPick(elementReference(element)),
  });
  const { preview } = app;

  const askToFix = (wrong: Problem, automatic: boolean) =>
    onAskClaude(
      wrong.packageName ? withoutPackageRequest(wrong.packageName, wrong) : fixRequest(wrong, store.readConsole()),
      automatic,
    );
  useAutoFix({ store, files, working, turnKey, onFix: (wrong) => askToFix(wrong, true) });

  const reload = () => {
    store.restarted();
    preview?.reload();
  };
  const pick = (on: boolean) => {
    store.setPicking(on);
    preview?.pick(on);
  };

  return (
    <section
      ref={measure}
      aria-label="Preview"
      inert={!visible}
      className={`flex flex-col bg-paper ${visible ? "size-full min-h-0 min-w-0" : "pointer-events-none invisible absolute inset-0"}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !picking) return;
        event.stopPropagation();
        pick(false);
      }}
    >
      {app.hasFiles && (
        <Toolbar
          store={store}
          preview={preview}
          compact={size !== null && size.width < COMPACT_BELOW}
          onReload={reload}
          onPick={pick}
        />
      )}
      <Group
        orientation="vertical"
        className="min-h-0 flex-1"
        elementRef={panels}
        onLayoutChanged={(layout, { isUserInteraction }) => {
          const share = layout[CONSOLE_PANEL];
          const height = panels.current?.clientHeight;
          if (isUserInteraction && share && height)
            memory.setItem(HEIGHT_KEY, String(Math.round((share * height) / 100)));
        }}
      >
        <Panel id="preview-frame" minSize={120} style={{ overflow: "hidden" }}>
          <AppFrame store={store} host={app.host}>
            {picking && <PickingBar onCancel={() => pick(false)} />}
            <Placeholder contents={contents} store={store} app={app} working={working} />
            <ProblemOverlay
              store={store}
              working={working}
              onOpenFile={onOpenFile}
              onFix={(wrong) => askToFix(wrong, false)}
              onReload={reload}
              onStop={() => preview?.stop()}
            />
          </AppFrame>
        </Panel>
        {app.hasFiles && consoleOpen && (
          <>
            <Separator
              aria-label="Height of the console"
              // Pressed, it covers the app's frame, which keeps what is moved over it.
              className="relative z-10 h-px bg-line transition-colors active:before:fixed active:before:inset-0 hover:bg-accent focus-visible:bg-accent focus-visible:outline-2 active:bg-accent"
            />
            <Panel
              id={CONSOLE_PANEL}
              defaultSize={consoleHeight}
              minSize={96}
              maxSize="80%"
              groupResizeBehavior="preserve-pixel-size"
              style={{ overflow: "hidden" }}
            >
              <ConsoleDrawer store={store} onOpenFile={onOpenFile} />
            </Panel>
          </>
        )}
      </Group>
    </section>
  );
}

function PickingBar({ onCancel }: { onCancel(): void }) {
  return (
    <div className="absolute top-3 left-1/2 flex w-max max-w-[calc(100%-1.5rem)] -translate-x-1/2 items-center gap-1 rounded-full bg-ink py-1 pr-1 pl-4 text-[13px] text-paper shadow-lg">
      <span role="status">Click what you want to change</span>
      <button
        type="button"
        onClick={onCancel}
        className="rounded-full px-3 py-1 font-medium underline underline-offset-2 max-md:min-h-11"
      >
        Cancel
      </button>
    </div>
  );
}
