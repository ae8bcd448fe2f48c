import { useRef, useState } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Reference } from "../chat/references";
import { Handle } from "../ui/Handle";
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
/** Pixels of the app and of its console below which neither is squeezed. */
const MIN_APP = 120;
const MIN_CONSOLE = 96;
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
  const [consoleHeight, setConsoleHeight] = useState(() => Number(memory.getItem(HEIGHT_KEY)) || 220);
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
  const takeConsole = () => {
    const room = panels.current?.clientHeight ?? 0;
    const from = Math.min(consoleHeight, room - MIN_APP);
    return (by: number) => {
      const height = Math.round(Math.max(MIN_CONSOLE, Math.min(room - MIN_APP, from - by)));
      memory.setItem(HEIGHT_KEY, String(height));
      setConsoleHeight(height);
    };
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
      <div ref={panels} className="flex min-h-0 flex-1 flex-col">
        <div className="min-h-0 flex-1 overflow-hidden">
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
        </div>
        {app.hasFiles && consoleOpen && (
          <>
            <Handle
              label="Height of the console"
              orientation="horizontal"
              value={size ? 100 - (100 * consoleHeight) / size.height : 50}
              onTake={takeConsole}
            />
            <div
              className="shrink-0 overflow-hidden"
              style={{ height: consoleHeight, maxHeight: `calc(100% - ${MIN_APP}px)` }}
            >
              <ConsoleDrawer store={store} onOpenFile={onOpenFile} />
            </div>
          </>
        )}
      </div>
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
