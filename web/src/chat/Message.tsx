import { Brain, ChevronRight, CircleAlert, CircleStop, Info } from "lucide-react";
import { memo, useState } from "react";
import type { Usage } from "../api/types";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { formatDuration } from "../ui/format";
import { ChangedFiles } from "./ChangedFiles";
import { Markdown } from "./Markdown";
import type { ChatMessage, Part } from "./model";
import { ToolCard } from "./ToolCard";

interface MessageProps {
  message: ChatMessage;
  /** False where the model is a demo that costs nothing. */
  showCost: boolean;
  onOpenFile(path: string): void;
}

export const Message = memo(function Message({ message, showCost, onOpenFile }: MessageProps) {
  return message.role === "user" ? (
    <UserMessage message={message} />
  ) : (
    <AssistantMessage message={message} showCost={showCost} onOpenFile={onOpenFile} />
  );
});

/** Messages longer than this are folded, in characters and in lines. */
const LONG = { characters: 900, lines: 14 };

function UserMessage({ message }: { message: ChatMessage }) {
  const [open, setOpen] = useState(false);
  const long = message.content.length > LONG.characters || message.content.split("\n").length > LONG.lines;
  return (
    <article aria-label="You" className="flex flex-col items-end gap-1 pl-8">
      <div
        dir="auto"
        className={`max-w-full rounded-2xl rounded-br-md bg-accent-soft px-3.5 py-2 break-words whitespace-pre-wrap ${long && !open ? "max-h-52 overflow-hidden mask-b-from-70%" : ""}`}
      >
        {message.content}
      </div>
      {long && (
        <Button kind="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Show less" : "Show all"}
        </Button>
      )}
      {message.status === "unsent" && (
        <p className="flex items-center gap-1 text-xs text-danger">
          <CircleAlert size={13} aria-hidden /> Not sent
        </p>
      )}
    </article>
  );
}

function AssistantMessage({ message, showCost, onOpenFile }: MessageProps) {
  const streaming = message.status === "streaming";
  const reason = message.parts.at(-1)?.kind === "notice";
  return (
    <article aria-label="Assistant" aria-busy={streaming} className="space-y-2.5" data-status={message.status}>
      {message.parts.map((part, index) => (
        <PartView
          key={part.kind === "tool" ? part.tool.id : index}
          part={part}
          live={streaming && index === message.parts.length - 1}
        />
      ))}
      {streaming && message.parts.length === 0 && <p className="working text-muted">Starting </p>}
      {message.status === "cancelled" && !reason && (
        <p className="flex items-center gap-1.5 text-[13px] text-muted">
          <CircleStop size={15} aria-hidden /> Stopped
        </p>
      )}
      {message.status === "error" && !reason && (
        <p className="flex items-center gap-1.5 text-[13px] text-danger">
          <CircleAlert size={15} aria-hidden /> This answer ended early
        </p>
      )}
      <ChangedFiles turnId={message.turnId} changes={message.fileChanges} onOpen={onOpenFile} />
      {!streaming && (message.content || message.usage) && (
        <div className="flex min-h-7 items-center gap-2">
          {message.content && <CopyButton label="Copy answer" text={() => message.content} />}
          {message.usage && <UsageLine usage={message.usage} showCost={showCost} />}
        </div>
      )}
    </article>
  );
}

const NOTICE = { info: "bg-raised text-muted", error: "bg-danger-soft text-danger" };

function PartView({ part, live }: { part: Part; live: boolean }) {
  switch (part.kind) {
    case "text":
      return <Markdown text={part.text} />;
    case "thinking":
      return <Thinking part={part} live={live} />;
    case "tool":
      return <ToolCard tool={part.tool} />;
    case "notice":
      return (
        <p role="note" className={`flex gap-2 rounded-xl px-3 py-2 text-[13px] ${NOTICE[part.level]}`}>
          <Info size={15} aria-hidden className="mt-0.5 shrink-0" />
          <span className="min-w-0 break-words">{part.text}</span>
        </p>
      );
  }
}

function Thinking({ part, live }: { part: Extract<Part, { kind: "thinking" }>; live: boolean }) {
  const label = live
    ? "Thinking"
    : (part.durationMs ?? 0) >= 100
      ? `Thought for ${formatDuration(part.durationMs ?? 0)}`
      : "Thoughts";
  return (
    <details className="group text-[13px] text-muted">
      <summary className="inline-flex list-none items-center gap-1.5 rounded-md py-0.5 hover:text-ink">
        <Brain size={14} aria-hidden className={live ? "animate-pulse" : ""} />
        {label}
        <ChevronRight size={13} aria-hidden className="transition-transform group-open:rotate-90" />
      </summary>
      <p dir="auto" className="mt-1 border-s-2 border-line ps-3 break-words whitespace-pre-wrap">
        {part.text}
      </p>
    </details>
  );
}

function UsageLine({ usage, showCost }: { usage: Usage; showCost: boolean }) {
  const input = usage.inputTokens + (usage.cacheReadTokens ?? 0) + (usage.cacheWriteTokens ?? 0);
  return (
    <p className="text-xs text-muted">
      {input.toLocaleString()} tokens in, {usage.outputTokens.toLocaleString()} out
      {showCost && usage.costUsd ? `, $${usage.costUsd.toFixed(usage.costUsd < 0.1 ? 4 : 2)}` : ""}
    </p>
  );
}
