import { SquarePen } from "lucide-react";
import { lazy, type ReactNode, useCallback, useEffect, useMemo, useRef } from "react";
import type { Api, Config } from "../api/client";
import type { Check } from "../api/types";
import { createPictures, PicturesContext } from "../attachments/pictures";
import { useFileDrop } from "../attachments/useFileDrop";
import { IconButton } from "../ui/Button";
import { LazyPart } from "../ui/LazyPart";
import { createBackground } from "./background";
import { Composer } from "./Composer";
import type { ChatCallbacks } from "./callbacks";
import { ChangesContext, type TurnChanges } from "./changes";
import { latestCheck, OpenProblemsContext } from "./checks";
import { EmptyChat } from "./EmptyChat";
import { importConnection } from "./following";
import type { ChatInbox, Delivery } from "./inbox";
import { MessageList } from "./MessageList";
import { loadClosing } from "./markdown/document";
import { withReferences } from "./references";
import { RequestsContext } from "./requests/context";
import { SessionMenu } from "./SessionMenu";
import { StatusLine } from "./StatusLine";
import type { SendOptions } from "./sending";
import { UsageMeter } from "./UsageMeter";
import { useAIChat } from "./useAIChat";
import { useDraft } from "./useDraft";
import { useInbox } from "./useInbox";
import { useStopKey } from "./useStopKey";
import { useTray } from "./useTray";

const ChatNotices = lazy(() => import("./ChatNotices"));

export interface AIChatPanelProps extends Omit<ChatCallbacks, "onUnsent"> {
  appId: string;
  api: Api;
  /** The open session; null begins a new one. */
  sessionId: string | null;
  demo: Config["demo"];
  /** The paths of the app's files, to be mentioned. */
  files: readonly string[];
  /** What the turns have changed, and the way back. */
  changes: TurnChanges;
  /** The way into the chat for the parts around it. */
  inbox?: ChatInbox;
  /** Why the earlier chats could not be listed. */
  problem?: string | null;
  /** What the vendor is asked before the next message. */
  question?: ReactNode;
  onSessionChange(sessionId: string | null): void;
  onModelChange?(model: string | null): void;
  onOpenFile(path: string): void;
  /** The newest check that the open chat tells of. */
  onCheck?(check: Check): void;
  /** Shows the app's problems. */
  onOpenProblems?(): void;
}

/** The conversation about an app: its messages, its sessions and the box to write in. */
export function AIChatPanel(props: AIChatPanelProps) {
  const { appId, api, sessionId, demo, files, changes, inbox, problem, question } = props;
  const { onSessionChange, onModelChange, onOpenFile, onCheck, onOpenProblems = null } = props;
  const box = useRef<HTMLTextAreaElement>(null);
  const background = useMemo(() => createBackground(), []);
  useEffect(() => background.follow(), [background]);
  useEffect(() => {
    void loadClosing();
    importConnection().catch(() => undefined);
  }, []);
  const chat = useAIChat({
    ...props,
    onUnsent: ({ id, content, attachments }) => draft.giveBack({ id, text: content, attachments }),
    onError: (error) => {
      props.onError?.(error);
      if (error.code !== "invalid_request") return;
      // The server may have removed what was uploaded long ago.
      const unsent = messages.filter((message) => message.turnId === undefined);
      tray.check([draft.view.getState(), ...unsent].flatMap(({ attachments }) => attachments ?? []));
    },
    onMessage: (message) => {
      props.onMessage?.(message);
      if (message.status === "cancelled") return;
      background.answerReady({ title: chat.title || "An answer is ready", text: message.content.slice(0, 140) });
    },
    onTurnWaiting: (turn) => {
      props.onTurnWaiting?.(turn);
      background.answerReady({ title: "Claude waits for you", text: turn.what.slice(0, 140), waits: true });
    },
  });
  const draft = useDraft(appId, sessionId, chat.sessionId);
  const pictures = useMemo(() => createPictures(api, appId), [api, appId]);
  const tray = useTray({ api, appId, draft, pictures });
  const drop = useFileDrop((dropped) => {
    tray.add(dropped);
    box.current?.focus();
  });
  const { messages, isProcessing, error, sendMessage, cancel } = chat;
  // The same as long as the chat is: the box is not drawn anew with every bit of an answer.
  const send = useCallback((text: string, options?: SendOptions) => void sendMessage(text, options), [sendMessage]);
  const stop = useCallback(() => void cancel(), [cancel]);
  useStopKey(isProcessing, stop);

  useEffect(() => {
    if (chat.sessionId) onSessionChange(chat.sessionId);
  }, [chat.sessionId, onSessionChange]);
  useEffect(() => onModelChange?.(chat.model), [chat.model, onModelChange]);

  const check = useMemo(() => latestCheck(messages), [messages]);
  useEffect(() => {
    if (check) onCheck?.(check);
  }, [check, onCheck]);

  const suggest = (text: string) => {
    draft.suggest(text);
    box.current?.focus();
  };
  const deliver = (delivery: Delivery) => {
    if (delivery.kind === "send") send(delivery.text);
    else if (delivery.kind === "stop") stop();
    else {
      if (delivery.kind === "attach") draft.attach(delivery.reference);
      box.current?.focus();
    }
  };
  useInbox(inbox, deliver);

  const deleteSession = async (doomed: string) => {
    if (doomed !== chat.sessionId) await api.deleteSession(doomed);
    else if (await chat.clearHistory()) onSessionChange(null);
    else return false;
    draft.forget(doomed);
    return true;
  };
  const newChat = () => {
    chat.begin();
    onSessionChange(null);
  };
  /** A new chat, with what this one could not be told. */
  const startOver = () => {
    const left = [...messages.filter((message) => message.status === "unsent"), ...chat.queue];
    const withdrawn = left.flatMap(({ id }) => chat.withdraw(id) ?? []);
    const { text, references, attachments } = draft.take();
    newChat();
    draft.open(null);
    const texts = [text, ...withdrawn.map((message) => message.text)];
    draft.edit(withReferences(texts.filter(Boolean).join("\n\n"), references), [
      ...attachments,
      ...withdrawn.flatMap((message) => message.attachments ?? []),
    ]);
  };

  const changed = messages.filter((message) => message.fileChanges.length > 0 && message.status !== "streaming");
  // biome-ignore lint/correctness/useExhaustiveDependencies: another chat has other changes
  useEffect(() => {
    if (changed.length > 0) changes.refresh();
  }, [changes, chat.sessionId, changed.length]);
  const known = useMemo(
    () => ({ changes, sessionId: chat.sessionId, enabled: !isProcessing }),
    [changes, chat.sessionId, isProcessing],
  );

  const { isWaiting, answers, answer } = chat;
  const requests = useMemo(() => ({ isWaiting, answers, answer }), [isWaiting, answers, answer]);

  const lastPrompt = messages.findLast((message) => message.role === "user")?.content ?? "";
  const nothingToOpen = !sessionId || (error !== null && chat.sessionId === null);
  const empty = messages.length === 0 && !chat.isLoading && nothingToOpen;

  return (
    <PicturesContext value={pictures}>
      <section aria-label="Chat" className="relative flex h-full min-h-0 flex-col bg-paper" {...drop.target}>
        <header className="flex h-11 shrink-0 items-center gap-1 border-b border-line pr-2 pl-4">
          <div className="flex min-w-0 flex-1 items-center gap-2">
            <h2 className="min-w-0 truncate font-medium">{chat.title || "New chat"}</h2>
            {chat.isWaiting && (
              <span className="shrink-0 rounded-full bg-accent-soft px-2 text-xs leading-5 text-accent">
                Waits for you
              </span>
            )}
          </div>
          <UsageMeter
            api={api}
            usage={chat.totalUsage}
            showCost={!demo.model}
            isProcessing={isProcessing}
            background={background}
          />
          <SessionMenu
            api={api}
            appId={appId}
            current={chat.sessionId}
            onOpen={onSessionChange}
            onRenamed={(session) => session.sessionId === chat.sessionId && chat.retitle(session.title)}
            onDelete={deleteSession}
          />
          <IconButton label="New chat" className="max-md:size-11" onClick={newChat}>
            <SquarePen size={17} aria-hidden />
          </IconButton>
        </header>
        {empty ? (
          <EmptyChat demo={demo} hasFiles={files.length > 0} onPick={suggest} />
        ) : (
          <ChangesContext value={known}>
            <RequestsContext value={requests}>
              <OpenProblemsContext value={onOpenProblems}>
                <MessageList
                  messages={messages}
                  hasMore={chat.hasMore}
                  showCost={!demo.model}
                  onLoadEarlier={() => void chat.loadEarlier()}
                  onOpenFile={onOpenFile}
                  onEdit={chat.editMessage}
                  onRegenerate={chat.regenerate}
                >
                  {chat.isLoading && <p className="working text-muted">Opening the chat </p>}
                </MessageList>
              </OpenProblemsContext>
            </RequestsContext>
          </ChangesContext>
        )}
        <div className="mx-auto w-full max-w-3xl">
          <StatusLine chat={chat} />
          <LazyPart what="What the chat has to say">
            <ChatNotices
              chat={chat}
              draft={draft}
              problem={problem ?? null}
              onFocus={() => box.current?.focus()}
              onStartOver={startOver}
            />
          </LazyPart>
          {question}
          <Composer
            key={appId}
            draft={draft}
            tray={tray}
            box={box}
            files={files}
            isProcessing={isProcessing}
            isWaiting={chat.isWaiting}
            isCancelling={chat.isCancelling}
            isLoading={chat.isLoading}
            lastPrompt={lastPrompt}
            onSend={send}
            onCancel={stop}
          />
        </div>
        {drop.isOver && (
          <p className="pointer-events-none absolute inset-2 z-20 flex items-center justify-center rounded-2xl border-2 border-dashed border-accent bg-accent-soft/90">
            <span className="rounded-xl bg-surface px-4 py-2 font-medium shadow-sm">Drop files to attach them</span>
          </p>
        )}
      </section>
    </PicturesContext>
  );
}
