import { CircleX, History } from "lucide-react";
import type { KeyboardEvent } from "react";
import type { Problem } from "../api/types";
import { placeOf } from "./words";

interface ProblemListProps {
  label: string;
  problems: readonly Problem[];
  onOpenFile(path: string, line?: number, column?: number): void;
}

/** Problems of an app, new ones first, each of which opens its place in the editor. */
export function ProblemList({ label, problems, onOpenFile }: ProblemListProps) {
  const ordered = problems.toSorted(
    (a, b) => Number(a.known) - Number(b.known) || a.path.localeCompare(b.path) || a.line - b.line,
  );
  return (
    <ul aria-label={label} onKeyDown={moveFocus}>
      {ordered.map((problem, at) => {
        const { path, line, column, code, message, known } = problem;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a compiler may say the same twice of one place
          <li key={`${at} ${placeOf(problem)} ${code}`} className="border-b border-line last:border-b-0">
            <button
              type="button"
              disabled={!path}
              title={path ? `Open ${placeOf(problem)}` : undefined}
              onClick={() => onOpenFile(path, line > 0 ? line : undefined, line > 0 ? Math.max(column, 1) : undefined)}
              className="flex w-full items-start gap-2.5 px-4 py-2.5 text-left -outline-offset-2 enabled:hover:bg-raised max-md:min-h-12"
            >
              <CircleX size={15} aria-hidden className={`mt-0.5 shrink-0 ${known ? "text-muted" : "text-danger"}`} />
              <span className="min-w-0 flex-1">
                <span className={`block text-[13px] leading-snug break-words ${known ? "text-muted" : ""}`}>
                  {message}
                </span>
                <span className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-xs text-muted">
                  <span className="font-mono break-all text-accent">{placeOf(problem)}</span>
                  {code && <span className="font-mono">{code}</span>}
                  {known && (
                    <span className="inline-flex items-center gap-1 rounded-full bg-raised px-2">
                      <History size={11} aria-hidden /> was there before
                    </span>
                  )}
                </span>
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** The arrow keys go from one problem to the next, as in any list. */
function moveFocus(event: KeyboardEvent<HTMLUListElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")];
  const next = buttons[buttons.indexOf(document.activeElement as HTMLButtonElement) + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
