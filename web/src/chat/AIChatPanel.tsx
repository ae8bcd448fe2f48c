import { SquarePen } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import type { Api, Config } from "../api/client";
import { IconButton } from "../ui/Button";
import { ErrorBanner, InterruptedBanner, ReconnectBanner } from "./Banners";
import { Composer } from "./Composer";
import type { ChatCallbacks } from "./callbacks";
import { ChangesContext, type TurnChanges } from "./changes";
import { EmptyChat } from "./EmptyChat";
import { MessageList } from "./MessageList";
import { SessionMenu } from "./SessionMenu";
import { toolSentence } from "./toolWords";
import { type UseAIChat, useAIChat } from "./useAIChat";

export interface AIChatPanelProps extends ChatCallbacks {
  appId: string;
  api: Api;
  /** The open session; null begins a new one. */
  sessionId: string | null;
  demo: Config["demo"];
  hasFiles: boolean;
  changes: TurnChanges;
  /** Why the earlier chats could not be listed. */
  problem?: string | null;
  onSessionChange(sessionId: string | null): void;
  onModelChange?(model: string | null): void;
  onOpenFile(path: string): void;
}

/** The conversation about an app: its messages, its sessions and the box to write in. */
export function AIChatPanel(props: AIChatPanelProps) {
  const { appId, api, sessionId, demo, hasFiles, changes, problem, onSessionChange, onModelChange, onOpenFile } = props;
  const chat = useAIChat(props);
  const [suggestion, setSuggestion] = useState<{ text: string; refused?: boolean } | null>(null);

  useEffect(() => {
    if (chat.sessionId) onSessionChange(chat.sessionId);
  }, [chat.sessionId, onSessionChange]);
  useEffect(() => onModelChange?.(chat.model), [chat.model, onModelChange]);
  const { error, messages } = chat;
  const unsent = error && !error.retryable && messages.at(-1)?.status === "unsent" ? messages.at(-1)?.content : null;
  useEffect(() => {
    // What was refused is not lost: it is in the box again, to be changed or sent from somewhere else.
    if (unsent) setSuggestion({ text: unsent, refused: true });
  }, [unsent]);

  const deleteSession = async (doomed: string) => {
    if (doomed === chat.sessionId) {
      await chat.clearHistory();
      onSessionChange(null);
    } else await api.deleteSession(doomed);
  };
  const changed = messages.filter((message) => message.fileChanges.length > 0 && message.status !== "streaming");
  useEffect(() => {
    if (changed.length > 0) changes.refresh();
  }, [changes, chat.sessionId, changed.length]);
  const known = useMemo(
    () => ({ changes, sessionId: chat.sessionId, enabled: !chat.isProcessing }),
    [changes, chat.sessionId, chat.isProcessing],
  );
  const newChat = () => {
    chat.begin();
    onSessionChange(null);
  };
  const lastPrompt = chat.messages.findLast((message) => message.role === "user")?.content ?? "";
  const nothingToOpen = !sessionId || (chat.error !== null && chat.sessionId === null);
  const empty = chat.messages.length === 0 && !chat.isLoading && nothingToOpen;

  return (
    <section aria-label="Chat" className="flex h-full min-h-0 flex-col bg-paper">
      <header className="flex h-11 shrink-0 items-center gap-1 border-b border-line pr-2 pl-4">
        <h2 className="min-w-0 flex-1 truncate font-medium">{chat.title || "New chat"}</h2>
        <SessionMenu
          api={api}
          appId={appId}
          current={chat.sessionId}
          onOpen={onSessionChange}
          onDelete={deleteSession}
        />
        <IconButton label="New chat" onClick={newChat}>
          <SquarePen size={17} aria-hidden />
        </IconButton>
      </header>
      {empty ? (
        <EmptyChat demo={demo} hasFiles={hasFiles} onPick={(text) => setSuggestion({ text })} />
      ) : (
        <ChangesContext value={known}>
          <MessageList
            messages={chat.messages}
            hasMore={chat.hasMore}
            showCost={!demo.model}
            onLoadEarlier={() => void chat.loadEarlier()}
            onOpenFile={onOpenFile}
          >
            {chat.isLoading && <p className="working text-muted">Opening the chat </p>}
          </MessageList>
        </ChangesContext>
      )}
      <div className="mx-auto w-full max-w-3xl">
        <StatusLine chat={chat} />
        <div className="space-y-2 px-3 pb-2 empty:hidden">
          {problem && (
            <p role="alert" className="rounded-xl bg-danger-soft px-3 py-2 text-[13px] text-danger">
              Earlier chats are not shown. {problem}
            </p>
          )}
          <ReconnectBanner connection={chat.connection} retryAt={chat.retryAt} onRetryNow={() => void chat.resume()} />
          {chat.isInterrupted && <InterruptedBanner onContinue={() => void chat.resume()} />}
          {chat.error && !(chat.isInterrupted && chat.error.code === "interrupted") && (
            <ErrorBanner
              error={chat.error}
              canRetry={!chat.isProcessing && lastPrompt !== ""}
              onRetry={() => void chat.retry()}
              onNewChat={newChat}
              onDismiss={chat.dismissError}
            />
          )}
        </div>
        <Composer
          key={appId}
          draftKey={appId}
          isProcessing={chat.isProcessing}
          isCancelling={chat.isCancelling}
          suggestion={suggestion}
          lastPrompt={lastPrompt}
          onSend={(text) => void chat.sendMessage(text)}
          onCancel={() => void chat.cancel()}
        />
      </div>
    </section>
  );
}

/** What goes on, in one line: for the eye, and spoken once per step rather than per word. */
function StatusLine({ chat }: { chat: UseAIChat }) {
  return (
    <p role="status" className="flex h-6 items-center px-4 text-xs text-muted">
      <span className={chat.isProcessing ? "working min-w-0 truncate" : "sr-only"}>{statusText(chat)} </span>
    </p>
  );
}

function statusText(chat: UseAIChat): string {
  const last = chat.messages.findLast((message) => message.status !== "unsent");
  if (!chat.isProcessing) {
    if (last?.role !== "assistant") return "";
    return { complete: "The answer is complete.", cancelled: "The answer was stopped." }[last.status as string] ?? "";
  }
  if (chat.isCancelling) return "Stopping";
  if (chat.connection === "reconnecting" || chat.connection === "offline") return "Reconnecting";
  if (chat.currentTool) {
    const others = chat.activeTools.length - 1;
    const what = toolSentence(chat.currentTool);
    return others > 0 ? `${what} and ${others} more` : what;
  }
  if (last?.role !== "assistant") return "Sending";
  const part = last.parts.at(-1);
  if (!part) return "Starting";
  return part.kind === "text" ? "Writing" : "Thinking";
}
