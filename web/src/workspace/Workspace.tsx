import { Download, GitCompare, MoreHorizontal, Search } from "lucide-react";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { Api, Config } from "../api/client";
import { AIChatPanel } from "../chat/AIChatPanel";
import { createCheckpointsStore } from "../files/checkpoints";
import { EditorPane } from "../files/EditorPane";
import { FilesPane } from "../files/FilesPane";
import { createFilesStore } from "../files/store";
import { useDirty } from "../files/useDirty";
import { Button, ICON_BUTTON, IconButton } from "../ui/Button";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { Menu, type MenuItem } from "../ui/Menu";
import { Notice } from "../ui/Notice";
import { onReturn } from "../ui/onReturn";
import { storage } from "../ui/storage";
import type { Theme } from "../ui/theme";
import { CodeArea } from "./CodeArea";
import { areasOf, chosenView, useRoom } from "./layout";
import type { PaletteAction } from "./Palette";
import { PhoneTabs } from "./PhoneTabs";
import type { View } from "./place";
import { Split, type SplitPart } from "./Split";
import { MOD, useShortcuts } from "./shortcuts";
import { ModelName, TopBar } from "./TopBar";
import { ViewSwitch } from "./ViewSwitch";

const Palette = lazy(() => import("./Palette"));

interface WorkspaceProps {
  api: Api;
  appId: string;
  demo: Config["demo"];
  sessionId: string | null;
  view: View | null;
  /** Why the earlier chats of this app could not be had. */
  chatProblem: string | null;
  theme: Theme;
  picker: ReactNode;
  /** What the menu offers for the whole page. */
  pageActions: MenuItem[];
  onSessionChange(sessionId: string | null): void;
  onViewChange(view: View): void;
  onUnsavedChange(hasUnsaved: boolean): void;
  /** Away from an app that is gone, to those that are left. */
  onLeave(): void;
}

/** One app at work: its chat beside the running app, its code, and what changed; one at a time on a phone. */
export function Workspace(props: WorkspaceProps) {
  const { api, appId, demo, sessionId, view, chatProblem, theme, picker, pageActions } = props;
  const { onSessionChange, onViewChange, onUnsavedChange, onLeave } = props;
  const files = useMemo(() => createFilesStore({ api, appId, memory: storage }), [api, appId]);
  const checkpoints = useMemo(
    () => createCheckpointsStore({ api, appId, onRestored: () => void files.refresh() }),
    [api, appId, files],
  );
  const room = useRoom();
  const chosen = chosenView(room, view);
  const shown = areasOf(room, chosen);
  const [model, setModel] = useState<string | null>(null);
  const [finding, setFinding] = useState(false);
  const gone = useStore(files.view, (state) => state.status === "gone");
  const paths = useStore(files.view, (state) => state.files);
  const mentionable = useMemo(() => paths.map((file) => file.path), [paths]);
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

  const show = useCallback((wanted: View) => onViewChange(wanted), [onViewChange]);
  const openFile = useCallback(
    (path: string) => {
      files.open(path);
      show("code");
    },
    [files, show],
  );
  const listChats = useCallback(() => api.listSessions(appId), [api, appId]);
  const download = useCallback(() => window.location.assign(files.exportUrl), [files]);
  const badges = new Map<View, ReactNode>();
  const menu: MenuItem[] = [
    ...(room === "phone" ? [{ label: "Changes", icon: GitCompare, onSelect: () => show("changes") }] : []),
    { label: "Download all files", icon: Download, disabled: paths.length === 0, onSelect: download },
    { separator: true },
  ];
  const actions: PaletteAction[] = [
    { label: "Download all files", icon: Download, run: download },
    { label: "Show changes", icon: GitCompare, run: () => show("changes") },
  ];
  useShortcuts({ k: () => setFinding(true), p: () => setFinding(true), s: () => void files.saveActive() });

  const areas: SplitPart[] = [
    {
      id: "chat",
      shown: shown.has("chat"),
      share: room === "wide" ? 24 : 30,
      min: 320,
      content: (
        <ErrorBoundary what="The chat">
          <AIChatPanel
            appId={appId}
            api={api}
            sessionId={sessionId}
            demo={demo}
            files={mentionable}
            checkpoints={checkpoints}
            problem={chatProblem}
            onSessionChange={onSessionChange}
            onModelChange={setModel}
            onFileChange={files.apply}
            onMessage={(message) => void files.settle(message.fileChanges)}
            // Where a chat is not found, its app may be gone too.
            onError={(error) => /not_found|session_gone/.test(error.code) && void files.refresh()}
            onOpenFile={openFile}
          />
        </ErrorBoundary>
      ),
    },
    {
      id: "code",
      shown: shown.has("code"),
      share: room === "wide" ? 42 : 70,
      min: 360,
      content: (
        <CodeArea
          room={room}
          tree={(close) => (
            <FilesPane
              files={files}
              onOpen={(path) => {
                openFile(path);
                close();
              }}
            />
          )}
          editor={(toggle) => (
            <div className="flex h-full flex-col">
              {toggle}
              <EditorPane
                appId={appId}
                files={files}
                checkpoints={checkpoints}
                theme={theme}
                plain={room === "phone"}
              />
            </div>
          )}
        />
      ),
    },
    {
      id: "preview",
      shown: shown.has("preview"),
      share: room === "wide" ? 34 : 70,
      min: 320,
      content: <div>preview</div>,
    },
    { id: "changes", shown: shown.has("changes"), share: 70, min: 320, content: <div>changes</div> },
  ];

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <TopBar
        picker={picker}
        center={room !== "phone" && <ViewSwitch chosen={chosen} badges={badges} onChoose={show} />}
        actions={
          <>
            <ModelName model={model} isDemo={demo.model === true || /demo/i.test(model ?? "")} />
            <IconButton label={`Find anything (${MOD}K)`} onClick={() => setFinding(true)}>
              <Search size={16} aria-hidden />
            </IconButton>
            <Menu label="More" items={[...menu, ...pageActions]} className={`${ICON_BUTTON} max-md:size-11`}>
              <MoreHorizontal size={17} aria-hidden />
            </Menu>
          </>
        }
      />
      {gone && (
        <Notice>
          <span className="min-w-0 flex-1">This app was deleted. Nothing can be saved in it any more.</span>
          <Button onClick={onLeave}>Open another app</Button>
        </Notice>
      )}
      <main className="relative min-h-0 flex-1">
        <Split id="workspace" handleLabel="Width of the columns" parts={areas} />
      </main>
      {room === "phone" && <PhoneTabs chosen={chosen} badges={badges} onChoose={show} />}
      {finding && (
        <Suspense fallback={null}>
          <Palette
            files={paths.map((file) => file.path)}
            actions={actions}
            listChats={listChats}
            onOpenFile={openFile}
            onOpenChat={onSessionChange}
            onClose={() => setFinding(false)}
          />
        </Suspense>
      )}
      <p role="status" className="sr-only">
        {announcement}
      </p>
    </div>
  );
}
