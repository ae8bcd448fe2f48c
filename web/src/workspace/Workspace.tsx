import {
  Download,
  FileSearch,
  GitCompare,
  type LucideIcon,
  MoreHorizontal,
  Save,
  Search,
  SquarePen,
} from "lucide-react";
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Api, Config } from "../api/client";
import { asApiError } from "../api/errors";
import { AIChatPanel } from "../chat/AIChatPanel";
import { createChatInbox } from "../chat/inbox";
import { turnChanges } from "../files/turnChanges";
import { createPreviewStore, errorCount } from "../preview/store";
import { Button, ICON_BUTTON, IconButton } from "../ui/Button";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { Menu, type MenuItem } from "../ui/Menu";
import { Notice } from "../ui/Notice";
import { storage } from "../ui/storage";
import type { Theme } from "../ui/theme";
import { areasOf, chosenView, useRoom } from "./layout";
import type { PaletteAction } from "./Palette";
import { PhoneTabs, RunningPill } from "./PhoneTabs";
import { PreviewView } from "./PreviewView";
import type { View } from "./place";
import { Split, type SplitPart } from "./Split";
import { MOD, useShortcuts } from "./shortcuts";
import { ModelName, TopBar } from "./TopBar";
import { useFiles } from "./useFiles";
import { useTurn } from "./useTurn";
import { CANVAS_VIEWS, ViewSwitch } from "./ViewSwitch";

const Palette = lazy(() => import("./Palette"));
const CodeView = lazy(() => import("./CodeView").then(({ CodeView }) => ({ default: CodeView })));
const Timeline = lazy(() => import("../files/Timeline").then(({ Timeline }) => ({ default: Timeline })));

interface WorkspaceProps {
  api: Api;
  appId: string;
  demo: Config["demo"];
  sessionId: string | null;
  view: View | null;
  /** Why the earlier chats of this app could not be had. */
  chatProblem: string | null;
  theme: Theme;
  /** The name of the app, and the way to the others. */
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
  const { files, checkpoints, contents, shown, dirty } = useFiles(api, appId, onUnsavedChange);
  const preview = useMemo(() => createPreviewStore({ memory: storage }), []);
  const changes = useMemo(() => turnChanges(checkpoints), [checkpoints]);
  const inbox = useMemo(() => createChatInbox(), []);
  const turn = useTurn(sessionId);
  const room = useRoom();
  const { status, listed, revision, writingPath, announcement } = useStore(
    files.view,
    // Not the writing itself, which changes ten times a second.
    useShallow((state) => ({
      status: state.status,
      listed: state.files,
      revision: state.revision,
      writingPath: state.writing?.path ?? null,
      announcement: state.announcement,
    })),
  );
  const painted = useStore(preview.view, (state) => state.painted);
  const errors = useStore(preview.view, errorCount);
  const [model, setModel] = useState<string | null>(null);
  const [finding, setFinding] = useState(false);
  const [searching, setSearching] = useState(false);
  const [past, setPast] = useState<{ title: string } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  // Until there is an app to be seen, its code is what happens.
  const wanted = view ?? (room !== "phone" && writingPath !== null && !painted ? "code" : null);
  const chosen = chosenView(room, wanted);
  const areas = areasOf(room, chosen);
  const paths = useMemo(() => listed.map((file) => file.path), [listed]);

  const showChat = useCallback(() => {
    if (room === "phone") onViewChange("chat");
    inbox.focus();
  }, [room, onViewChange, inbox]);
  const openFile = useCallback(
    (path: string, line?: number, column?: number) => {
      files.open(path, { line, column });
      onViewChange("code");
    },
    [files, onViewChange],
  );
  const search = () => {
    setSearching(true);
    onViewChange("code");
  };
  const leavePast = useCallback(() => {
    shown.show(null);
    setPast(null);
  }, [shown]);
  const showPast = async (revision: number) => {
    setProblem(null);
    try {
      const { readPastVersion } = await import("../files/pastVersion");
      shown.show(await readPastVersion(api, appId, revision));
      const version = checkpoints.view.getState().checkpoints.find((one) => one.revision === revision);
      setPast({ title: version?.message ?? `revision ${revision}` });
      onViewChange("preview");
    } catch (reason) {
      setProblem(`That version cannot be shown. ${asApiError(reason).message}`);
    }
  };
  useEffect(() => {
    if (turn.running) leavePast();
  }, [turn.running, leavePast]);
  useEffect(() => {
    if (areas.has("chat") && turn.unseen) turn.seen();
  }, [areas, turn]);

  const listChats = useCallback(() => api.listSessions(appId), [api, appId]);
  const download = () => window.location.assign(files.exportUrl);
  const saveAll = () => void files.saveAll();
  const newChat = () => onSessionChange(null);
  const actions: PaletteAction[] = [
    { label: "New chat", icon: SquarePen, run: newChat },
    { label: "Search in files", icon: FileSearch, hint: `${MOD}Shift+F`, run: search },
    { label: "Save all files", icon: Save, hint: `${MOD}S`, run: saveAll },
    { label: "Download all files", icon: Download, run: download },
    ...CANVAS_VIEWS.map(({ id, label, icon }) => ({ label: `Show ${label}`, icon, run: () => onViewChange(id) })),
  ];
  useShortcuts({ k: () => setFinding(true), p: () => setFinding(true), s: saveAll, "shift+f": search });

  const menu: MenuItem[] = [
    ...(room === "phone" ? [changesItem(() => onViewChange("changes"))] : []),
    { label: "Download all files", icon: Download, disabled: paths.length === 0, onSelect: download },
    { separator: true },
    ...pageActions,
  ];
  const badges = new Map<View, ReactNode>([
    ["preview", errors > 0 && <Badge key="errors" text={String(errors)} name={errors === 1 ? "error" : "errors"} />],
    ["code", dirty.size > 0 && <Dot key="unsaved" name="unsaved changes" />],
    ["chat", turn.unseen && <Dot key="answer" name="an answer is ready" />],
  ]);

  const parts: SplitPart[] = [
    {
      id: "chat",
      shown: areas.has("chat"),
      share: room === "wide" ? 24 : room === "desktop" ? 28 : 36,
      min: 320,
      content: (
        <ErrorBoundary what="The chat">
          <AIChatPanel
            appId={appId}
            api={api}
            sessionId={sessionId}
            demo={demo}
            files={paths}
            changes={changes}
            inbox={inbox}
            problem={chatProblem}
            beforeSend={async () => {
              if (!(await files.saveAll())) throw new Error("Some of your files could not be saved.");
            }}
            onSessionChange={onSessionChange}
            onModelChange={setModel}
            onTurnStart={turn.onTurnStart}
            onTurnEnd={turn.onTurnEnd}
            onWriting={files.writing}
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
      shown: areas.has("code"),
      share: room === "wide" ? 42 : 70,
      min: 360,
      content: (
        <ErrorBoundary what="The code">
          <Suspense fallback={null}>
            <CodeView
              appId={appId}
              room={room}
              theme={theme}
              files={files}
              checkpoints={checkpoints}
              contents={contents}
              inbox={inbox}
              searching={searching}
              onSearch={setSearching}
              onChat={showChat}
            />
          </Suspense>
        </ErrorBoundary>
      ),
    },
    {
      id: "preview",
      shown: areas.has("preview"),
      share: room === "wide" ? 34 : 70,
      min: 320,
      content: (
        <PreviewView
          appId={appId}
          contents={shown}
          store={preview}
          visible={areas.has("preview")}
          working={turn.running !== null}
          turnKey={turn.latest}
          inbox={inbox}
          past={past}
          onLeavePast={leavePast}
          onOpenFile={openFile}
          onChat={showChat}
        />
      ),
    },
    {
      id: "changes",
      shown: areas.has("changes"),
      share: 70,
      min: 320,
      content: areas.has("changes") && (
        <ErrorBoundary what="The list of versions">
          <Suspense fallback={<p className="p-4 text-muted">Loading</p>}>
            <Timeline checkpoints={checkpoints} revision={revision} onOpenFile={openFile} onPreview={showPast} />
          </Suspense>
        </ErrorBoundary>
      ),
    },
  ];

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <TopBar
        picker={picker}
        center={room !== "phone" && <ViewSwitch chosen={chosen} badges={badges} onChoose={onViewChange} />}
        actions={
          <>
            <ModelName model={model} isDemo={demo.model === true || /demo/i.test(model ?? "")} />
            <IconButton
              label={`Find files, chats and actions (${MOD}K)`}
              className="max-md:size-11"
              onClick={() => setFinding(true)}
            >
              <Search size={16} aria-hidden />
            </IconButton>
            <Menu label="More" items={menu} className={`${ICON_BUTTON} max-md:size-11`}>
              <MoreHorizontal size={17} aria-hidden />
            </Menu>
          </>
        }
      />
      {status === "gone" && (
        <Notice>
          <span className="min-w-0 flex-1">This app was deleted. Nothing can be saved in it any more.</span>
          <Button onClick={onLeave}>Open another app</Button>
        </Notice>
      )}
      {problem && (
        <Notice>
          <span className="min-w-0 flex-1">{problem}</span>
          <Button onClick={() => setProblem(null)}>Dismiss</Button>
        </Notice>
      )}
      <main className="relative min-h-0 flex-1">
        <Split id="workspace" handleLabel="Width of the columns" parts={parts} />
        {room === "phone" && chosen !== "chat" && turn.running && (
          <RunningPill
            text={writingPath === null ? "Claude is at work" : `Writing ${writingPath}`}
            stopping={turn.running.stopping}
            onShow={() => onViewChange("chat")}
            onStop={() => {
              turn.stopping();
              inbox.stop();
            }}
          />
        )}
      </main>
      {room === "phone" && <PhoneTabs chosen={chosen} badges={badges} onChoose={onViewChange} />}
      {finding && (
        <Suspense fallback={null}>
          <Palette
            files={paths}
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

function changesItem(onSelect: () => void): MenuItem {
  const icon: LucideIcon = GitCompare;
  return { label: "Changes", icon, onSelect };
}

function Badge({ text, name }: { text: string; name: string }) {
  return (
    <span className="rounded-full bg-danger-soft px-1.5 text-[11px] font-medium text-danger">
      {text}
      <span className="sr-only"> {name}</span>
    </span>
  );
}

function Dot({ name }: { name: string }) {
  return (
    <span className="size-1.5 rounded-full bg-accent">
      <span className="sr-only">{name}</span>
    </span>
  );
}
