import { Ban, Brain, Check, ChevronRight, CircleAlert, LoaderCircle } from "lucide-react";
import { memo, type ReactNode, useId, useState } from "react";
import type { FileChange } from "../api/types";
import { formatDuration, useNow } from "../ui/format";
import { isSameList } from "../ui/isSameList";
import { isSettled, type ToolCall } from "./model";
import { durationOf, type Passage } from "./passages";
import { ToolRow } from "./ToolRow";
import { batchSentence, hasFailed } from "./toolWords";

interface ActivityProps {
  activity: Extract<Passage, { kind: "activity" }>;
  changes: FileChange[];
  /** The answer has ended: below it stands a card of all files that it has changed. */
  isEnded: boolean;
}

/** What was thought and done between two texts of an answer, each in one line that unfolds. */
export const Activity = memo(
  function Activity({ activity, changes, isEnded }: ActivityProps) {
    const { thinking, tools, isThinking } = activity;
    return (
      <div className="space-y-0.5">
        {thinking.length > 0 && <Thought texts={thinking} isLive={isThinking} />}
        {tools.length > 0 && <Batch tools={tools} changes={changes} isEnded={isEnded} />}
      </div>
    );
  },
  (a, b) =>
    a.activity.isThinking === b.activity.isThinking &&
    a.changes === b.changes &&
    a.isEnded === b.isEnded &&
    isSameList(a.activity.thinking, b.activity.thinking) &&
    isSameList(a.activity.tools, b.activity.tools),
);

interface SummaryLineProps {
  icon: ReactNode;
  text: string;
  isOpen: boolean;
  controls: string;
  onToggle(): void;
}

function SummaryLine({ icon, text, isOpen, controls, onToggle }: SummaryLineProps) {
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      aria-controls={isOpen ? controls : undefined}
      onClick={onToggle}
      className="-ms-1.5 flex min-h-7 max-w-full items-center gap-2 rounded-lg px-1.5 py-0.5 text-start text-[13px] text-muted hover:bg-raised hover:text-ink max-md:min-h-11"
    >
      {icon}
      <span className="min-w-0 wrap-anywhere tabular-nums">{text}</span>
      <ChevronRight size={13} aria-hidden className={`shrink-0 transition-transform ${isOpen ? "rotate-90" : ""}`} />
    </button>
  );
}

function Thought({ texts, isLive }: { texts: { text: string; durationMs?: number }[]; isLive: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const took = texts.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
  const label = took >= 1000 ? `Thought for ${formatDuration(took)}` : "Thought";
  return (
    <div>
      <SummaryLine
        icon={<Brain size={14} aria-hidden className={`shrink-0 ${isLive ? "animate-pulse text-accent" : ""}`} />}
        text={isLive ? "Thinking" : label}
        isOpen={isOpen}
        controls={id}
        onToggle={() => setOpen(!isOpen)}
      />
      {isOpen && (
        <p
          id={id}
          dir="auto"
          className="my-1 border-s-2 border-line ps-3 text-[13px] break-words whitespace-pre-wrap text-muted"
        >
          {texts.map(({ text }) => text).join("\n\n")}
        </p>
      )}
    </div>
  );
}

/** The calls of one or more steps in a row. Closed, it still shows what runs and what has failed. */
function Batch({ tools, changes, isEnded }: { tools: ToolCall[]; changes: FileChange[]; isEnded: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const isRunning = tools.some((tool) => !isSettled(tool.status));
  const now = useNow(500, isRunning);
  const took = durationOf(tools, now);
  const failed = tools.some(hasFailed);
  const shown = isOpen ? tools : tools.filter((tool) => !isSettled(tool.status) || hasFailed(tool));
  const icon = (
    <BatchIcon isRunning={isRunning} failed={failed} stopped={tools.every((tool) => tool.status === "cancelled")} />
  );
  const text = `${batchSentence(tools)}${took >= 1000 ? `, ${formatDuration(took)}` : ""}`;
  // The rows of a batch that has done nothing but change files are those of the card.
  if (isEnded && tools.every((tool) => changes.some((change) => change.toolId === tool.id))) {
    return (
      <p
        data-tools={tools.length}
        data-status="settled"
        className="flex min-h-7 items-center gap-2 text-[13px] text-muted"
      >
        {icon}
        <span className="min-w-0 truncate">{text}</span>
      </p>
    );
  }
  return (
    <div data-tools={tools.length} data-status={isRunning ? "running" : "settled"}>
      <SummaryLine icon={icon} text={text} isOpen={isOpen} controls={id} onToggle={() => setOpen(!isOpen)} />
      {shown.length > 0 && (
        <ul id={id} aria-label="Steps" className="ms-1.5 border-s border-line ps-2">
          {shown.map((tool) => (
            <ToolRow key={tool.id} tool={tool} change={changes.find((change) => change.toolId === tool.id)} />
          ))}
        </ul>
      )}
    </div>
  );
}

function BatchIcon({ isRunning, failed, stopped }: { isRunning: boolean; failed: boolean; stopped: boolean }) {
  if (isRunning) return <LoaderCircle size={14} aria-hidden className="shrink-0 animate-spin text-accent" />;
  if (failed) return <CircleAlert size={14} aria-hidden className="shrink-0 text-danger" />;
  if (stopped) return <Ban size={14} aria-hidden className="shrink-0" />;
  return <Check size={14} aria-hidden className="shrink-0 text-accent" />;
}
