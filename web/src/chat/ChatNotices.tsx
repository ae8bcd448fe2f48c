import { useStore } from "zustand";
import { CONTINUE, ErrorBanner, InterruptedBanner, ReconnectBanner, StoppedBar } from "./Banners";
import type { DraftStore } from "./drafts";
import { QueueList } from "./QueueList";
import { withReferences } from "./references";
import type { UseAIChat } from "./useAIChat";

interface ChatNoticesProps {
  chat: UseAIChat;
  draft: DraftStore;
  /** Why the earlier chats could not be listed. */
  problem: string | null;
  /** Puts the focus into the message box. */
  onFocus(): void;
  /** Begins a new chat with what this one could not be told. */
  onStartOver(): void;
}

/** What the vendor should know before the next message, with the way on from there, and what waits to be sent. */
export default function ChatNotices({ chat, draft, problem, onFocus, onStartOver }: ChatNoticesProps) {
  const hasReturned = useStore(draft.view, ({ returned, text }) => returned !== null && text.trim() !== "");
  const { messages, error, isProcessing, isInterrupted, queue, held } = chat;
  const last = messages.at(-1);
  const answered = last?.role === "assistant" ? last.status : null;
  const unsent = messages.findLast((message) => message.status === "unsent");
  const isStuck = held === "failed" && queue.length > 0;

  const edit = (messageId: string) => {
    const message = chat.withdraw(messageId);
    if (message) draft.edit(message.text, message.attachments);
    onFocus();
  };
  const tryAgain = () => {
    if (!unsent && isStuck) return void chat.releaseQueue();
    if (unsent || !hasReturned) return void chat.retry();
    const { text, references, attachments, id: clientMessageId } = draft.take();
    void chat.sendMessage(withReferences(text, references), { clientMessageId, attachments });
  };
  const goOn = () => void chat.sendMessage(CONTINUE);

  return (
    <div className="space-y-2 px-3 pb-2 empty:hidden">
      {problem && (
        <p role="alert" className="rounded-xl bg-danger-soft px-3 py-2 text-[13px] text-danger">
          Earlier chats are not shown. {problem}
        </p>
      )}
      <ReconnectBanner
        connection={chat.connection}
        retryAt={chat.retryAt}
        isSending={messages.some((message) => message.status === "sending")}
        onRetryNow={() => void chat.resume()}
      />
      {isInterrupted && <InterruptedBanner onContinue={() => void chat.resume()} />}
      {!isProcessing && !error && answered === "cancelled" && <StoppedBar onContinue={goOn} />}
      {error && !(isInterrupted && error.code === "interrupted") && (
        <ErrorBanner
          error={error}
          canRetry={!isProcessing && (unsent !== undefined || answered === "error" || isStuck || hasReturned)}
          onRetry={tryAgain}
          onEdit={unsent && (() => edit(unsent.id))}
          onContinue={goOn}
          onNewChat={onStartOver}
          onDismiss={chat.dismissError}
        />
      )}
      <QueueList
        queue={queue}
        held={held}
        isProcessing={isProcessing}
        onSendNow={() => void chat.releaseQueue()}
        onEdit={edit}
        onRemove={(id) => {
          chat.withdraw(id);
          onFocus();
        }}
      />
    </div>
  );
}
