import { Code2, Files, MessageSquare } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { Api, Config } from "./api/client";
import { AIChatPanel } from "./chat/AIChatPanel";
import { createCheckpointsStore } from "./files/checkpoints";
import { EditorPane } from "./files/EditorPane";
import { FilesPane } from "./files/FilesPane";
import { createFilesStore } from "./files/store";
import { useDirty } from "./files/useDirty";
import { Button } from "./ui/Button";
import { ErrorBoundary } from "./ui/ErrorBoundary";
import { Notice } from "./ui/Notice";
import { onReturn } from "./ui/onReturn";
import { Splitter, useStoredWidth } from "./ui/Splitter";
import { storage } from "./ui/storage";
import { type Theme, useMediaQuery } from "./ui/theme";

interface WorkspaceProps {
  api: Api;
  appId: string;
  demo: Config["demo"];
  sessionId: string | null;
  /** Why the earlier chats of this app could not be had. */
  chatProblem: string | null;
  theme: Theme;
  onSessionChange(sessionId: string | null): void;
  onModelChange(model: string | null): void;
  onUnsavedChange(hasUnsaved: boolean): void;
  /** Away from an app that is gone, to those that are left. */
  onLeave(): void;
}

type Pane = "chat" | "files" | "code";

const PANES: { id: Pane; label: string; icon: typeof Files }[] = [
  { id: "chat", label: "Chat", icon: MessageSquare },
  { id: "files", label: "Files", icon: Files },
  { id: "code", label: "Code", icon: Code2 },
];

/** One app at work: its chat, its files and the editor; side by side, or one at a time on a phone. */
export function Workspace(props: WorkspaceProps) {
  const { api, appId, demo, sessionId, chatProblem, theme, onSessionChange, onModelChange, onUnsavedChange, onLeave } =
    props;
  const files = useMemo(() => createFilesStore({ api, appId, memory: storage }), [api, appId]);
  const checkpoints = useMemo(
    () => createCheckpointsStore({ api, appId, onRestored: () => void files.refresh() }),
    [api, appId, files],
  );
  const [pane, setPane] = useState<Pane>("chat");
  const [chatWidth, setChatWidth] = useStoredWidth("chat-width", 440);
  const [treeWidth, setTreeWidth] = useStoredWidth("tree-width", 216);
  const narrow = useMediaQuery("(max-width: 767px)");
  const gone = useStore(files.view, (state) => state.status === "gone");
  const fileCount = useStore(files.view, (state) => state.files.length);
  const announcement = useStore(files.view, (state) => state.announcement);
  const dirty = useDirty(files);

  useEffect(() => void files.start(), [files]);
  useEffect(() => onReturn(() => void files.refresh()), [files]);
  useEffect(() => {
    onUnsavedChange(dirty.size > 0);
    return () => onUnsavedChange(false);
  }, [dirty, onUnsavedChange]);
  useEffect(() => {
    if (dirty.size === 0) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);

  const openFile = useCallback(
    (path: string) => {
      files.open(path);
      setPane("code");
    },
    [files],
  );
  const shown = (id: Pane) => (narrow && pane !== id ? "hidden" : "");

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {gone && (
        <Notice>
          <span className="min-w-0 flex-1">This app was deleted. Nothing can be saved in it any more.</span>
          <Button onClick={onLeave}>Open another app</Button>
        </Notice>
      )}
      <main className="flex min-h-0 flex-1">
        <div
          className={`min-h-0 shrink-0 max-md:w-full ${shown("chat")}`}
          style={narrow ? undefined : { width: `min(${chatWidth}px, 45vw)` }}
        >
          <ErrorBoundary what="The chat">
            <AIChatPanel
              appId={appId}
              api={api}
              sessionId={sessionId}
              demo={demo}
              hasFiles={fileCount > 0}
              checkpoints={checkpoints}
              problem={chatProblem}
              onSessionChange={onSessionChange}
              onModelChange={onModelChange}
              onFileChange={files.apply}
              onMessage={(message) => void files.settle(message.fileChanges)}
              // Where a chat is not found, its app may be gone too.
              onError={(error) => /not_found|session_gone/.test(error.code) && void files.refresh()}
              onOpenFile={openFile}
            />
          </ErrorBoundary>
        </div>
        {!narrow && (
          <Splitter label="Width of the chat" width={chatWidth} min={320} max={720} onResize={setChatWidth} />
        )}
        <div
          className={`min-h-0 shrink-0 max-md:w-full ${shown("files")}`}
          style={narrow ? undefined : { width: `min(${treeWidth}px, 22vw)` }}
        >
          <FilesPane files={files} onOpen={openFile} />
        </div>
        {!narrow && (
          <Splitter label="Width of the file list" width={treeWidth} min={140} max={400} onResize={setTreeWidth} />
        )}
        <div className={`flex min-h-0 min-w-0 flex-1 ${shown("code")}`}>
          <EditorPane appId={appId} files={files} checkpoints={checkpoints} theme={theme} plain={narrow} />
        </div>
      </main>
      {narrow && (
        <nav
          aria-label="Panes"
          className="flex shrink-0 border-t border-line bg-paper pb-[env(safe-area-inset-bottom)]"
        >
          {PANES.map(({ id, label, icon: Icon }) => (
            <button
              key={id}
              type="button"
              aria-current={pane === id ? "page" : undefined}
              onClick={() => setPane(id)}
              className="flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs text-muted -outline-offset-2 aria-[current=page]:font-semibold aria-[current=page]:text-accent"
            >
              <Icon size={19} aria-hidden />
              <span>
                {label}
                {id === "files" && fileCount > 0 ? ` ${fileCount}` : ""}
                {id === "code" && dirty.size > 0 ? " •" : ""}
              </span>
            </button>
          ))}
        </nav>
      )}
      <p role="status" className="sr-only">
        {announcement}
      </p>
    </div>
  );
}
