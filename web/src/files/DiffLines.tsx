import { Fragment, useMemo, useState } from "react";
import { Button } from "../ui/Button";
import { type DiffLine, type Hunk, parseDiff, sideBySide } from "./unifiedDiff";

interface DiffLinesProps {
  path: string;
  diff: string;
  /** Side by side, where there is room for that. */
  split: boolean;
}

/** What is shown of one file before it is asked for. */
const LINES_SHOWN = 400;

const TONES = {
  same: "",
  added: "bg-accent-soft",
  removed: "bg-danger-soft",
};
const SIGNS = { same: " ", added: "+", removed: "-" };

/** The changed lines of one file. */
export function DiffLines({ path, diff, split }: DiffLinesProps) {
  const hunks = useMemo(() => parseDiff(diff), [diff]);
  const [all, setAll] = useState(false);
  const count = hunks.reduce((sum, hunk) => sum + hunk.length, 0);
  const shown = all ? hunks : firstLines(hunks, LINES_SHOWN);
  return (
    <>
      <section
        tabIndex={0}
        dir="ltr"
        aria-label={`Changed lines of ${path}`}
        className="overflow-x-auto py-1 font-mono text-xs leading-5 -outline-offset-2"
      >
        {shown.map((hunk, index) => (
          <Fragment key={`${hunk[0]?.before}:${hunk[0]?.after}`}>
            {index > 0 && <p className="border-y border-line bg-raised px-3 text-muted select-none">⋯</p>}
            {split ? <SplitHunk hunk={hunk} /> : <UnifiedHunk hunk={hunk} />}
          </Fragment>
        ))}
      </section>
      {!all && count > LINES_SHOWN && (
        <Button kind="quiet" className="m-1.5" onClick={() => setAll(true)}>
          Show {(count - LINES_SHOWN).toLocaleString()} more lines
        </Button>
      )}
    </>
  );
}

function UnifiedHunk({ hunk }: { hunk: Hunk }) {
  return (
    <div className="w-max min-w-full">
      {hunk.map((line) => (
        <div key={`${line.before}:${line.after}`} className={`flex ${TONES[line.kind]}`}>
          <LineNumber of={line.before} />
          <LineNumber of={line.after} />
          <Text line={line} />
        </div>
      ))}
    </div>
  );
}

function SplitHunk({ hunk }: { hunk: Hunk }) {
  return (
    <div className="grid min-w-full grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      {sideBySide(hunk).map(({ left, right }) => (
        <Fragment key={`${left?.before}:${right?.after}`}>
          <Side line={left} number={left?.before} className="border-r border-line" />
          <Side line={right} number={right?.after} />
        </Fragment>
      ))}
    </div>
  );
}

function Side({ line, number, className = "" }: { line: DiffLine | null; number?: number; className?: string }) {
  return (
    <div className={`flex min-w-0 ${line ? TONES[line.kind] : "bg-raised/60"} ${className}`}>
      <LineNumber of={number} />
      {line && <Text line={line} wrap />}
    </div>
  );
}

function LineNumber({ of }: { of: number | undefined }) {
  return <span className="w-10 shrink-0 pr-2 text-right text-muted tabular-nums select-none">{of ?? ""}</span>;
}

function Text({ line, wrap = false }: { line: DiffLine; wrap?: boolean }) {
  return (
    <span className={`min-w-0 pr-3 ${wrap ? "break-words whitespace-pre-wrap" : "whitespace-pre"}`}>
      <span className="text-muted select-none">{SIGNS[line.kind]} </span>
      {line.text}
    </span>
  );
}

function firstLines(hunks: Hunk[], limit: number): Hunk[] {
  let left = limit;
  const shown: Hunk[] = [];
  for (const hunk of hunks) {
    if (left <= 0) break;
    shown.push(hunk.slice(0, left));
    left -= hunk.length;
  }
  return shown;
}
