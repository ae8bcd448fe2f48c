import {
  Ban,
  ChevronRight,
  CircleAlert,
  FileSearch,
  Files,
  FileText,
  Globe,
  LoaderCircle,
  type LucideIcon,
  Wrench,
} from "lucide-react";
import { lazy, memo, useState } from "react";
import type { FileChange, ToolStatus } from "../api/types";
import { formatDuration, useNow } from "../ui/format";
import { LazyPart } from "../ui/LazyPart";
import { LineCounts } from "../ui/LineCounts";
import { PathText } from "../ui/PathText";
import { COUNTS, FILE_ICONS } from "./FileRow";
import { isSettled, type ToolCall } from "./model";
import { hasFailed, isOfFile, toolSentence, toolTarget } from "./toolWords";

const ToolDetails = lazy(() => import("./ToolDetails"));

const ICONS = new Map<string, LucideIcon>([
  ["list_files", Files],
  ["read_file", FileText],
  ["search_files", FileSearch],
  ["web_search", Globe],
  ["web_fetch", Globe],
  ["create_file", FILE_ICONS.created],
  ["edit_file", FILE_ICONS.edited],
  ["use_attachment", FILE_ICONS.created],
  ["rename_file", FILE_ICONS.renamed],
  ["delete_file", FILE_ICONS.deleted],
]);

const OUTCOMES: Partial<Record<ToolStatus, { word: string; icon: LucideIcon; tone: string }>> = {
  failed: { word: "failed", icon: CircleAlert, tone: "text-danger" },
  timed_out: { word: "timed out", icon: CircleAlert, tone: "text-warn" },
  cancelled: { word: "stopped", icon: Ban, tone: "text-muted" },
};

interface ToolRowProps {
  tool: ToolCall;
  /** What the call has changed, where it has changed a file. */
  change: FileChange | undefined;
}

/** One call: what it is about, how it stands, and behind a click what it was given and what came of it. */
export const ToolRow = memo(function ToolRow({ tool, change }: ToolRowProps) {
  const [isAsked, setAsked] = useState<boolean | null>(null);
  const isOpen = isAsked ?? hasFailed(tool);
  const outcome = OUTCOMES[tool.status];
  const Icon = outcome?.icon ?? (isSettled(tool.status) ? (ICONS.get(tool.name) ?? Wrench) : LoaderCircle);
  const tone = outcome?.tone ?? (isSettled(tool.status) ? "text-muted" : "text-accent animate-spin");
  const target = toolTarget(tool);
  return (
    <li data-tool={tool.name} data-status={tool.status}>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-label={`${toolSentence(tool)}${outcome ? `, ${outcome.word}` : ""}`}
        onClick={() => setAsked(!isOpen)}
        className="flex min-h-7 w-full items-center gap-2 rounded-lg px-2 text-start text-xs hover:bg-raised max-md:min-h-11"
      >
        <Icon size={14} aria-hidden className={`shrink-0 ${tone}`} />
        {target && isOfFile(tool) ? (
          <PathText path={target} />
        ) : (
          <span className="min-w-0 truncate">{toolSentence(tool)}</span>
        )}
        <span className="ms-auto flex shrink-0 items-center gap-2 text-muted">
          {outcome && <span className={outcome.tone}>{outcome.word}</span>}
          {change ? <LineCounts of={change} className={COUNTS} /> : <WrittenLines tool={tool} />}
          <Elapsed tool={tool} />
          <ChevronRight size={13} aria-hidden className={`transition-transform ${isOpen ? "rotate-90" : ""}`} />
        </span>
      </button>
      {isOpen && (
        <div className="py-1 ps-7">
          <LazyPart what="The details" loading={<p className="text-xs text-muted">Loading</p>}>
            <ToolDetails tool={tool} />
          </LazyPart>
        </div>
      )}
    </li>
  );
});

/** How much of a file is written already. */
function WrittenLines({ tool }: { tool: ToolCall }) {
  if (isSettled(tool.status) || !tool.writing?.text) return null;
  const lines = tool.writing.text.split("\n").length;
  return <span className="tabular-nums">{lines === 1 ? "1 line" : `${lines.toLocaleString()} lines`}</span>;
}

function Elapsed({ tool }: { tool: ToolCall }) {
  const isTicking = tool.startedAt !== undefined && !isSettled(tool.status);
  const now = useNow(500, isTicking);
  const elapsed = isTicking ? now - (tool.startedAt ?? now) : (tool.durationMs ?? 0);
  return elapsed >= 1000 ? <span className="tabular-nums">{formatDuration(elapsed)}</span> : null;
}
