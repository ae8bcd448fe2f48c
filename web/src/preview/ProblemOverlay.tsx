import { CircleStop, LoaderCircle, Play, RotateCw, Sparkles, TriangleAlert, X } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { Button, IconButton } from "../ui/Button";
import { LocationLink, type OpenFile } from "./LocationLink";
import type { PreviewStatus, Problem } from "./model";
import { problemWords } from "./problemWords";
import { StackLines } from "./StackLines";
import type { PreviewStore } from "./store";

interface ProblemOverlayProps {
  store: PreviewStore;
  /** Claude is at work: what is broken now may be whole in a moment. */
  working: boolean;
  onOpenFile: OpenFile;
  /** Absent where there is no chat to ask in. */
  onFix?(problem: Problem): void;
  onReload(): void;
  onStop(): void;
}

const NO_ANSWER: Problem = { kind: "unresponsive", message: "" };
/** On a phone as high as a finger needs. */
const ACTION = "max-md:h-11 max-md:text-[15px]";

/** What is wrong with the app, over its frame: in the way only where there is nothing to see behind. */
export function ProblemOverlay(props: ProblemOverlayProps) {
  const { store, working, onReload } = props;
  const { status, painted, told, dismissed } = useStore(
    store.view,
    useShallow(({ status, painted, problem, dismissed }) => ({ status, painted, told: problem, dismissed })),
  );
  const problem = problemOf(status, told);
  if (status === "stopped") {
    return (
      <Cover opaque>
        <Card
          title="The app is stopped"
          hint={told?.kind === "unresponsive" ? told.message : "Nothing of it runs until you start it again."}
          quiet
        >
          <Button kind="primary" className={ACTION} onClick={onReload}>
            <Play size={14} aria-hidden /> Run again
          </Button>
          {told && props.onFix && <FixButton {...props} problem={told} quiet />}
        </Card>
      </Cover>
    );
  }
  if (!problem) return null;
  if (working && problem.kind !== "unresponsive") {
    return (
      <div role="status" className="pointer-events-none absolute inset-x-3 bottom-3 flex justify-center">
        <span className="inline-flex items-center gap-2 rounded-full border border-line bg-surface px-3.5 py-1.5 text-[13px] text-muted shadow-md">
          <LoaderCircle size={14} aria-hidden className="animate-spin text-accent" /> Claude is at work. The app
          follows.
        </span>
      </div>
    );
  }
  if (dismissed) return null;
  if (isBlocking(problem, painted)) {
    return (
      <Cover>
        <ProblemCard {...props} problem={problem} painted={painted} />
      </Cover>
    );
  }
  return (
    <div className="absolute bottom-3 left-1/2 max-h-[calc(100%-1.5rem)] w-[min(32rem,calc(100%-1.5rem))] -translate-x-1/2 overflow-y-auto rounded-2xl shadow-xl">
      <ProblemCard {...props} problem={problem} painted={painted} />
    </div>
  );
}

function problemOf(status: PreviewStatus, told: Problem | null): Problem | null {
  if (status !== "unresponsive") return told;
  return told?.kind === "unresponsive" ? told : NO_ANSWER;
}

/** Whether there is nothing behind that is worth seeing. */
function isBlocking({ kind }: Problem, painted: boolean): boolean {
  return kind === "unresponsive" || kind === "render" || !painted;
}

function ProblemCard(props: ProblemOverlayProps & { problem: Problem; painted: boolean }) {
  const { store, problem, painted, onOpenFile, onFix, onReload, onStop } = props;
  const frozen = problem.kind === "unresponsive";
  return (
    <Card
      {...problemWords(problem, painted)}
      onClose={frozen ? undefined : store.dismiss}
      details={<Details problem={problem} onOpenFile={onOpenFile} />}
    >
      {onFix && <FixButton {...props} onFix={onFix} />}
      {frozen && (
        <Button className={ACTION} onClick={onStop}>
          <CircleStop size={14} aria-hidden /> Stop
        </Button>
      )}
      {(frozen || problem.kind === "import" || problem.kind === "render") && (
        <Button className={ACTION} onClick={onReload}>
          <RotateCw size={14} aria-hidden /> Reload
        </Button>
      )}
    </Card>
  );
}

function Details({ problem, onOpenFile }: { problem: Problem; onOpenFile: OpenFile }) {
  const stack = problem.stack ?? [];
  // The words over it say as much.
  const said = problem.packageName !== undefined || problem.kind === "unresponsive" || problem.message === "";
  return (
    <div className="mt-3 space-y-2 text-xs max-md:space-y-3">
      {!said && (
        <section
          tabIndex={0}
          aria-label="Error"
          className="max-h-36 overflow-auto rounded-lg bg-danger-soft px-3 py-2 font-mono text-xs leading-5 break-words whitespace-pre-wrap text-danger"
        >
          {problem.message.slice(0, 4000)}
        </section>
      )}
      {problem.at && (
        <p className="flex min-w-0">
          <LocationLink at={problem.at} onOpenFile={onOpenFile} />
        </p>
      )}
      {stack.length > 1 && (
        <details className="text-muted">
          <summary className="w-fit rounded max-md:py-3">Where it came from</summary>
          <StackLines stack={stack} onOpenFile={onOpenFile} className="mt-1 max-h-32 overflow-y-auto" />
        </details>
      )}
    </div>
  );
}

function FixButton({ problem, onFix, quiet }: { problem: Problem; onFix?(problem: Problem): void; quiet?: boolean }) {
  return (
    <Button kind={quiet ? "outline" : "primary"} className={ACTION} onClick={() => onFix?.(problem)}>
      <Sparkles size={14} aria-hidden /> {problem.packageName ? "Ask Claude to do without" : "Fix with Claude"}
    </Button>
  );
}

function Cover({ opaque, children }: { opaque?: boolean; children: ReactNode }) {
  return (
    <div
      className={`absolute inset-0 flex overflow-y-auto p-4 *:m-auto ${opaque ? "bg-paper" : "bg-paper/85 backdrop-blur-[2px]"}`}
    >
      {children}
    </div>
  );
}

interface CardProps {
  title: string;
  hint: string;
  /** Nothing is wrong. */
  quiet?: boolean;
  onClose?(): void;
  details?: ReactNode;
  /** What can be done. */
  children: ReactNode;
}

function Card({ title, hint, quiet, onClose, details, children }: CardProps) {
  const titleId = useId();
  return (
    <section
      aria-labelledby={titleId}
      className="w-full max-w-lg rounded-2xl border border-line bg-surface p-4 shadow-xl"
    >
      <div className="flex items-start gap-3">
        <span
          className={`mt-0.5 inline-flex size-8 shrink-0 items-center justify-center rounded-full ${quiet ? "bg-raised text-muted" : "bg-danger-soft text-danger"}`}
        >
          {quiet ? <CircleStop size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
        </span>
        <div role="status" className="min-w-0 flex-1">
          <h2 id={titleId} className="font-serif text-base leading-snug break-words">
            {title}
          </h2>
          <p className="text-[13px] leading-snug text-muted">{hint}</p>
        </div>
        {onClose && (
          <IconButton label="Hide this" className="-mt-1 -mr-1 max-md:size-11" onClick={onClose}>
            <X size={15} aria-hidden />
          </IconButton>
        )}
      </div>
      {details}
      <div className="mt-3.5 flex flex-wrap items-center gap-2">{children}</div>
    </section>
  );
}
