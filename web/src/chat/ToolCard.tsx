import { Ban, Check, ChevronRight, CircleDashed, Clock, LoaderCircle, X } from "lucide-react";
import { memo } from "react";
import { isRecord } from "../api/errors";
import type { ToolStatus } from "../api/types";
import { formatDuration, useNow } from "../ui/format";
import { PathText } from "../ui/PathText";
import { safeUrl } from "./markdown/render";
import { isSettled, type ToolCall } from "./model";

const STATUS: Record<ToolStatus, { label: string; icon: typeof Check; tone: string }> = {
  pending: { label: "preparing", icon: CircleDashed, tone: "text-muted" },
  running: { label: "running", icon: LoaderCircle, tone: "text-accent [&>svg]:animate-spin" },
  completed: { label: "completed", icon: Check, tone: "text-accent" },
  failed: { label: "failed", icon: X, tone: "text-danger" },
  timed_out: { label: "timed out", icon: Clock, tone: "text-warn" },
  cancelled: { label: "cancelled", icon: Ban, tone: "text-muted" },
};

const VERBS: Record<string, string> = {
  list_files: "List files",
  read_file: "Read",
  search_files: "Search files",
  create_file: "Create",
  edit_file: "Edit",
  rename_file: "Rename",
  delete_file: "Delete",
  web_search: "Search the web",
};

export function toolVerb(name: string): string {
  return VERBS[name] ?? name.replaceAll("_", " ");
}

/** What a call is about, in a few words: its path, its query, its pattern. */
export function toolTarget(input: unknown): string {
  if (!isRecord(input)) return "";
  for (const key of ["path", "query", "pattern", "new_path", "glob", "url"]) {
    const value = input[key];
    if (typeof value === "string" && value) return value;
  }
  return "";
}

/** The pages that a web search found, in its summary while it runs and in its result later. */
export function sourcesOf(tool: ToolCall): { title: string; url: string }[] {
  if (tool.name !== "web_search" || tool.error !== undefined) return [];
  const found = (tool.summary ?? "").matchAll(/^\d+\. (.+)\n +URL: (\S+)$/gm);
  return [...found].flatMap(([, title, url]) => (title && url && safeUrl(url) ? [{ title, url }] : []));
}

/** One tool call: what, on what, how it stands, how long; its input and result folded away. */
export const ToolCard = memo(function ToolCard({ tool }: { tool: ToolCall }) {
  const { label, icon: Icon, tone } = STATUS[tool.status];
  const target = toolTarget(tool.input);
  const outcome = tool.error ?? tool.summary;
  const sources = sourcesOf(tool);
  const card = (
    <details className="group rounded-xl border border-line bg-surface" data-tool={tool.name} data-status={tool.status}>
      <summary className="flex min-h-9 list-none items-center gap-2 rounded-xl px-2.5 py-1.5 text-[13px] hover:bg-raised/60">
        <span className={tone}>
          <Icon size={15} aria-hidden />
        </span>
        <span className="shrink-0 font-medium">{toolVerb(tool.name)}</span>
        {target && <PathText path={target} className="text-xs text-muted" />}
        <span className="ml-auto flex shrink-0 items-center gap-1.5 text-xs text-muted">
          <span className={tone}>{label}</span>
          <Elapsed tool={tool} />
          <ChevronRight size={14} aria-hidden className="transition-transform group-open:rotate-90" />
        </span>
      </summary>
      <div className="space-y-2 border-t border-line px-3 py-2.5 text-xs">
        <Field name="Input" text={tool.input === undefined ? "" : JSON.stringify(tool.input, null, 2)} />
        <Field name={tool.error ? "Error" : "Result"} text={outcome ?? ""} />
      </div>
    </details>
  );
  if (sources.length === 0) return card;
  return (
    <div>
      {card}
      <ul aria-label="Sources" className="mt-1.5 space-y-0.5 px-2.5 text-xs">
        {sources.map(({ title, url }, index) => (
          <li key={index} className="truncate">
            <a
              href={url}
              target="_blank"
              rel="noopener noreferrer nofollow"
              title={url}
              className="text-accent underline"
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
});

function Field({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <div className="mb-1 font-medium text-muted">{name}</div>
      <pre
        tabIndex={0}
        aria-label={name}
        className="max-h-56 overflow-auto rounded-lg bg-paper p-2 font-mono break-words whitespace-pre-wrap"
      >
        {text || "–"}
      </pre>
    </div>
  );
}

function Elapsed({ tool }: { tool: ToolCall }) {
  const ticking = tool.startedAt !== undefined && !isSettled(tool.status);
  const now = useNow(100, ticking);
  if (tool.durationMs !== undefined) return <span>{formatDuration(tool.durationMs)}</span>;
  if (!ticking || tool.startedAt === undefined) return null;
  return <span className="tabular-nums">{formatDuration(Math.max(100, now - tool.startedAt))}</span>;
}
