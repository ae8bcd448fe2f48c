import { useEffect, useState } from "react";
import { formatSeconds, useNow } from "../ui/format";
import type { Request } from "./model";
import { toolSentence } from "./toolWords";
import type { UseAIChat } from "./useAIChat";

/** From here on it is said how long a turn takes. */
const LONG_SECONDS = 5;

/** What goes on, in one line: for the eye, and spoken once per step rather than per word. */
export function StatusLine({ chat }: { chat: UseAIChat }) {
  const { isProcessing, activeTools } = chat;
  const [since, setSince] = useState<number | null>(null);
  useEffect(() => setSince(isProcessing ? Date.now() : null), [isProcessing]);
  const now = useNow(1000, isProcessing);
  const seconds = since === null ? 0 : Math.floor((now - since) / 1000);
  // What is in sight already is not said twice: a notice, the files that are written, a lost connection.
  const seen = chat.notice ? "Waiting for Claude" : activeTools.length > 0 ? "Working" : statusText(chat);
  const hasBanner = /offline|reconnecting|busy/.test(chat.connection);
  return (
    <div className="flex h-6 items-center px-4 text-xs text-muted">
      <span role="status" className="sr-only">
        {statusText(chat)}
      </span>
      {chat.isWaiting && (
        <span aria-hidden className="min-w-0 truncate">
          {chat.isCancelling ? "Stopping" : "Claude waits for your answer. A new message counts as a no."}
        </span>
      )}
      {isProcessing && !hasBanner && (
        <span aria-hidden className="flex min-w-0 items-center gap-2">
          <span className="working min-w-0 truncate">{seen} </span>
          {seconds >= LONG_SECONDS && <span className="shrink-0 tabular-nums">{formatSeconds(seconds)}</span>}
        </span>
      )}
    </div>
  );
}

function whatIsAsked(request: Request | undefined): string {
  if (request?.kind === "approval") return request.summary;
  return request?.kind === "question" ? request.questions.map(({ question }) => question).join(" ") : "";
}

function statusText(chat: UseAIChat): string {
  const last = chat.messages.findLast((message) => message.status !== "unsent");
  if (chat.isWaiting) return `Claude waits for you. ${whatIsAsked(chat.requests[0])}`;
  if (!chat.isProcessing) {
    if (last?.role !== "assistant") return "";
    if (last.status === "complete") return "The answer is complete.";
    return last.status === "cancelled" ? "The answer was stopped." : "";
  }
  if (chat.isCancelling) return "Stopping";
  if (chat.connection === "offline") return "Waiting for the network";
  if (chat.connection === "reconnecting") return "Reconnecting";
  if (chat.connection === "busy") return "Busy, trying again";
  if (chat.notice) return chat.notice;
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
