import { Bug, ChevronRight, CircleX, Info, TriangleAlert } from "lucide-react";
import { memo, useState } from "react";
import { LocationLink, type OpenFile } from "./LocationLink";
import type { ConsoleEntry, ConsoleLevel } from "./model";
import { StackLines } from "./StackLines";

const LEVELS: Record<ConsoleLevel, { name: string; icon: typeof Info; tone: string }> = {
  error: { name: "Error", icon: CircleX, tone: "bg-danger-soft text-danger" },
  warn: { name: "Warning", icon: TriangleAlert, tone: "bg-warn-soft text-warn" },
  info: { name: "Info", icon: Info, tone: "text-ink" },
  log: { name: "Log", icon: ChevronRight, tone: "text-ink" },
  debug: { name: "Debug", icon: Bug, tone: "text-muted" },
};

/** What is shown of a long line before it is unfolded. */
const FOLDED_LINES = 8;
const FOLDED_LENGTH = 800;

interface ConsoleLineProps {
  entry: ConsoleEntry;
  onOpenFile: OpenFile;
}

/** One line of the console: its text, where it was printed, and the stack of an error. */
export const ConsoleLine = memo(function ConsoleLine({ entry, onOpenFile }: ConsoleLineProps) {
  const { level, text, at, stack = [], count } = entry;
  const { name, icon: Icon, tone } = LEVELS[level];
  const [unfolded, setUnfolded] = useState(false);
  const short = folded(text);
  return (
    <li
      data-level={level}
      className={`flex items-start gap-2 border-b border-line/70 px-3 py-1 font-mono text-xs leading-5 ${tone}`}
    >
      <Icon size={13} aria-hidden className={`mt-1 shrink-0 ${level === "log" ? "text-muted/70" : ""}`} />
      <span className="sr-only">{name}</span>
      <div className="min-w-0 flex-1">
        <span className="break-words whitespace-pre-wrap">{unfolded ? text : short}</span>
        {short !== text && (
          <button
            type="button"
            aria-expanded={unfolded}
            onClick={() => setUnfolded(!unfolded)}
            className="ml-1 rounded font-sans text-accent underline underline-offset-2"
          >
            {unfolded ? "Show less" : "Show all"}
          </button>
        )}
        {stack.length > 0 && <StackLines stack={stack} onOpenFile={onOpenFile} className="mt-0.5 pl-3" />}
      </div>
      {count > 1 && (
        <span className="mt-0.5 shrink-0 rounded-full bg-raised px-1.5 text-[11px] leading-4 text-ink tabular-nums">
          {count}
          <span className="sr-only"> times</span>
        </span>
      )}
      {at && stack.length === 0 && (
        <LocationLink at={at} onOpenFile={onOpenFile} short className="max-w-[40%] shrink-0" />
      )}
    </li>
  );
});

function folded(text: string): string {
  const lines = text.split("\n", FOLDED_LINES + 1);
  const short = lines.length > FOLDED_LINES ? lines.slice(0, FOLDED_LINES).join("\n") : text;
  return short.length > FOLDED_LENGTH ? short.slice(0, FOLDED_LENGTH) : short;
}
