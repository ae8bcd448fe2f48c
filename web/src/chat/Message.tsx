import { CircleAlert, CircleStop, Info, RefreshCw } from "lucide-react";
import { lazy, memo } from "react";
import type { Attachment, Usage } from "../api/types";
import { IconButton } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { formatDollars } from "../ui/format";
import { LazyPart } from "../ui/LazyPart";
import { Activity } from "./Activity";
import { ChangedFiles } from "./ChangedFiles";
import { Markdown } from "./Markdown";
import { MessageActions } from "./MessageActions";
import { MessageBoundary } from "./MessageBoundary";
import type { ChatMessage } from "./model";
import { passagesOf, type Said as SaidPart } from "./passages";
import { UserMessage } from "./UserMessage";

const CheckLine = lazy(() => import("./CheckLine"));
const SourceList = lazy(() => import("./SourceList"));
const RequestPart = lazy(() => import("./requests/RequestPart"));

export interface MessageProps {
  message: ChatMessage;
  /** False where the model is a demo that costs nothing. */
  showCost: boolean;
  onOpenFile(path: string): void;
  /** Sends another text in place of a message of the vendor; absent where that is not possible now. */
  onEdit?(messageId: string, text: string, attachments?: readonly Attachment[]): void;
  /** Has the answer written once more; absent where that is not possible now. */
  onRegenerate?(turnId: number): void;
}

/** One message. It is drawn anew only when something of it has changed. */
export const Message = memo(function Message(props: MessageProps) {
  const { message, onEdit } = props;
  return (
    <MessageBoundary text={message.content}>
      {message.role === "user" ? <UserMessage message={message} onEdit={onEdit} /> : <AssistantMessage {...props} />}
    </MessageBoundary>
  );
});

function AssistantMessage({ message, showCost, onOpenFile, onRegenerate }: MessageProps) {
  const { turnId, content, usage } = message;
  const asks = message.status === "waiting";
  const isStreaming = message.status === "streaming" || asks;
  const hasReason = message.parts.at(-1)?.kind === "notice";
  return (
    <article
      aria-label="Assistant"
      aria-busy={isStreaming && !asks}
      className="group/message space-y-2.5"
      data-status={message.status}
    >
      {passagesOf(message.parts, isStreaming && !asks, asks).map((passage) =>
        passage.kind === "request" ? (
          <LazyPart key={passage.key} what="What Claude asks" loading={<p className="text-muted">Loading</p>}>
            <RequestPart request={passage.request} message={message} />
          </LazyPart>
        ) : passage.kind === "activity" ? (
          <Activity key={passage.key} activity={passage} changes={message.fileChanges} isEnded={!isStreaming} />
        ) : (
          <Said key={passage.key} part={passage.part} isLive={passage.isLast} />
        ),
      )}
      {message.status === "cancelled" && !hasReason && (
        <p className="flex items-center gap-1.5 text-[13px] text-muted">
          <CircleStop size={15} aria-hidden /> <span>Stopped</span>
        </p>
      )}
      {message.status === "error" && !hasReason && (
        <p className="flex items-center gap-1.5 text-[13px] text-danger">
          <CircleAlert size={15} aria-hidden /> <span>This answer ended early</span>
        </p>
      )}
      {(!isStreaming || asks) && message.fileChanges.length > 0 && (
        <ChangedFiles
          turnId={turnId}
          changes={message.fileChanges}
          wasUndone={message.undone === true}
          isEnded={!asks}
          onOpen={onOpenFile}
        />
      )}
      {!isStreaming && (
        <MessageActions always={onRegenerate !== undefined}>
          {content && <CopyButton label="Copy answer" text={() => content} className="max-md:size-11" />}
          {onRegenerate && turnId !== undefined && (
            <IconButton label="Write again" className="size-7 max-md:size-11" onClick={() => onRegenerate(turnId)}>
              <RefreshCw size={14} aria-hidden />
            </IconButton>
          )}
          {usage && <UsageLine usage={usage} showCost={showCost} />}
        </MessageActions>
      )}
    </article>
  );
}

const NOTICE = { info: "bg-raised text-muted", error: "bg-danger-soft text-danger" };

function Said({ part, isLive }: { part: SaidPart; isLive: boolean }) {
  if (part.kind === "check") {
    return (
      <LazyPart what="The result of the check">
        <CheckLine check={part.check} />
      </LazyPart>
    );
  }
  if (part.kind === "text") {
    return (
      <>
        <Markdown text={part.text} live={isLive} />
        {part.sources && (
          <LazyPart what="The sources">
            <SourceList sources={part.sources} />
          </LazyPart>
        )}
      </>
    );
  }
  return (
    <p role="note" className={`flex gap-2 rounded-xl px-3 py-2 text-[13px] ${NOTICE[part.level]}`}>
      <Info size={15} aria-hidden className="mt-0.5 shrink-0" />
      <span className="min-w-0 break-words">{part.text}</span>
    </p>
  );
}

function UsageLine({ usage, showCost }: { usage: Usage; showCost: boolean }) {
  const input = usage.inputTokens + (usage.cacheReadTokens ?? 0) + (usage.cacheWriteTokens ?? 0);
  const cost = showCost && usage.costUsd ? `, ${formatDollars(usage.costUsd)}` : "";
  return (
    <p className="ps-1 text-xs text-muted">
      {`${input.toLocaleString()} tokens in, ${usage.outputTokens.toLocaleString()} out${cost}`}
    </p>
  );
}
