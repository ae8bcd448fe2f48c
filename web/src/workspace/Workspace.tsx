import { lazy, type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Api, Config } from "../api/client";
import { AIChatPanel } from "../chat/AIChatPanel";
import { createChatInbox } from "../chat/inbox";
import { turnChanges } from "../files/turnChanges";
import { createPreviewStore, errorCount } from "../preview/store";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { LazyPart } from "../ui/LazyPart";
import type { MenuItem } from "../ui/Menu";
import { Notice } from "../ui/Notice";
import { storage } from "../ui/storage";
import type { Theme } from "../ui/theme";
import { Badge, Dot } from "./badges";
import { areasOf, chosenView, useRoom } from "./layout";
import { PhoneTabs, RunningPill } from "./PhoneTabs";
import { PreviewView } from "./PreviewView";
import type { View } from "./place";
import { Split, type SplitPart } from "./Split";
import { useFiles } from "./useFiles";
import { usePast } from "./usePast";
import { useTurn } from "./useTurn";
import { WorkspaceBar } from "./WorkspaceBar";

const CodeView = lazy(() => import("./CodeView").then(({ CodeView }) => ({ default: CodeView })));
const ProblemsPane = lazy(() => import("../problems/ProblemsPane"));
const RulesQuestion = lazy(() => import("../files/RulesQuestion"));
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
  const { files, checkpoints, contents, shown, steps, problems, dirty } = useFiles(api, appId, onUnsavedChange);
  const preview = useMemo(() => createPreviewStore({ memory: storage }), []);
  const changes = useMemo(() => turnChanges(checkpoints), [checkpoints]);
  const inbox = useMemo(() => createChatInbox(), []);
  const shownPreview = useMemo(
    () => ({
      isOpen: preview.isOpen,
      photograph: async () => {
        // What Claude has just written may still be on its way.
        await contents.retry();
        return preview.photograph();
      },
    }),
    [preview, contents],
  );
  const turn = useTurn(sessionId);
  const room = useRoom();
  const { status, listed, rules, revision, writingPath, announcement } = useStore(
    files.view,
    // Not the writing itself, which changes ten times a second.
    useShallow((state) => ({
      status: state.status,
      listed: state.files,
      rules: state.rules,
      revision: state.revision,
      writingPath: state.writing?.path ?? null,
      announcement: state.announcement,
    })),
  );
  const painted = useStore(preview.view, (state) => state.painted);
  const errors = useStore(preview.view, errorCount);
  const found = useStore(problems.view, ({ check }) => check?.errors.length ?? 0);
  const [model, setModel] = useState<string | null>(null);
  const [searching, setSearching] = useState(false);
  const { past, problem, look, leave, dismiss } = usePast({ api, appId, checkpoints, contents: shown });

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
  const openProblems = useCallback(() => onViewChange("problems"), [onViewChange]);
  const askClaude = (text: string) => {
    inbox.send(text);
    showChat();
  };
  const search = () => {
    setSearching(true);
    onViewChange("code");
  };
  useEffect(() => {
    if (turn.running) leave();
  }, [turn.running, leave]);
  useEffect(() => {
    if (areas.has("chat") && turn.unseen) turn.seen();
  }, [areas, turn]);

  const badges = new Map<View, ReactNode>([
    ["preview", errors > 0 && <Badge key="errors" text={String(errors)} name={errors === 1 ? "error" : "errors"} />],
    [
      "problems",
      found > 0 && <Badge key="problems" text={String(found)} name={found === 1 ? "problem" : "problems"} />,
    ],
    ["code", dirty.size > 0 && <Dot key="unsaved" name="unsaved changes" />],
    [
      "chat",
      rules ? (
        <Dot key="rules" name="changed rules wait for you" />
      ) : (
        (turn.isWaiting && <Dot key="waits" name="Claude waits for you" />) ||
        (turn.unseen && <Dot key="answer" name="an answer is ready" />)
      ),
    ],
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
            question={
              rules && (
                <LazyPart what="The question about the rules">
                  <RulesQuestion api={api} appId={appId} files={files} rules={rules} onAnswered={inbox.focus} />
                </LazyPart>
              )
            }
            preview={shownPreview}
            beforeSend={async () => {
              if (!(await files.saveAll())) throw new Error("Some of your files could not be saved.");
            }}
            onSessionChange={onSessionChange}
            onModelChange={setModel}
            onTurnStart={(begun) => {
              files.beginTurn(keyOf(begun));
              turn.onTurnStart(begun);
            }}
            onTurnWaiting={(waiting) => {
              files.turnWaits(keyOf(waiting));
              turn.onTurnWaiting(waiting);
            }}
            onTurnEnd={turn.onTurnEnd}
            onWriting={files.writing}
            onFileChange={files.apply}
            onCheck={problems.take}
            onOpenProblems={openProblems}
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
        <LazyPart what="The code">
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
        </LazyPart>
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
          onLeavePast={leave}
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
        <LazyPart what="The list of versions" loading={<p className="p-4 text-muted">Loading</p>}>
          <Timeline
            checkpoints={checkpoints}
            revision={revision}
            onOpenFile={openFile}
            onPreview={(revision) => {
              void look(revision);
              onViewChange("preview");
            }}
          />
        </LazyPart>
      ),
    },
    {
      id: "problems",
      shown: areas.has("problems"),
      share: 70,
      min: 320,
      content: areas.has("problems") && (
        <LazyPart what="The list of problems" loading={<p className="p-4 text-muted">Loading</p>}>
          <ProblemsPane
            problems={problems}
            files={files}
            preview={preview}
            onOpenFile={openFile}
            onAskClaude={askClaude}
          />
        </LazyPart>
      ),
    },
  ];

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <WorkspaceBar
        api={api}
        appId={appId}
        files={files}
        paths={paths}
        steps={steps}
        working={turn.running !== null}
        room={room}
        chosen={chosen}
        badges={badges}
        model={model}
        isDemo={demo.model === true || /demo/i.test(model ?? "")}
        picker={picker}
        pageActions={pageActions}
        onViewChange={onViewChange}
        onOpenFile={openFile}
        onOpenChat={onSessionChange}
        onSearch={search}
        onAskClaude={askClaude}
      />
      {status === "gone" && (
        <Notice
          text="This app was deleted. Nothing can be saved in it any more."
          action="Open another app"
          onAction={onLeave}
        />
      )}
      {problem && <Notice text={problem} action="Dismiss" onAction={dismiss} />}
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
      <p role="status" className="sr-only">
        {announcement}
      </p>
    </div>
  );
}

const keyOf = (turn: { sessionId: string; turnId: number }) => `${turn.sessionId}/${turn.turnId}`;
