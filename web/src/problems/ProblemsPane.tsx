import { CircleCheck, CircleDashed, LoaderCircle, RotateCw, Sparkles, TriangleAlert } from "lucide-react";
import { useEffect } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Check } from "../api/types";
import type { FilesStore } from "../files/store";
import { useDirty } from "../files/useDirty";
import { fixRequest as fixRunning } from "../preview/fixRequest";
import { LocationLink, type OpenFile } from "../preview/LocationLink";
import type { Problem as RunningProblem } from "../preview/model";
import { problemWords } from "../preview/problemWords";
import type { PreviewStore } from "../preview/store";
import { Button } from "../ui/Button";
import { formatAgo, formatDuration, useNow } from "../ui/format";
import { fixRequest } from "./fixRequest";
import { ProblemList } from "./ProblemList";
import type { ProblemsStore } from "./store";
import { checkWords } from "./words";

interface ProblemsPaneProps {
  problems: ProblemsStore;
  files: FilesStore;
  preview: PreviewStore;
  onOpenFile: OpenFile;
  onAskClaude(text: string): void;
}

const ACTION = "max-md:h-11";

/** Everything that is known to be wrong with the app: what the check has found, and what fails while it runs. */
export default function ProblemsPane({ problems, files, preview, onOpenFile, onAskClaude }: ProblemsPaneProps) {
  const { check, checking, error } = useStore(problems.view);
  const revision = useStore(files.view, (state) => state.revision);
  const { running, painted } = useStore(
    preview.view,
    useShallow(({ problem, painted }) => ({ running: problem, painted })),
  );
  useEffect(() => {
    // Whoever opens the list wants to know; from then on it is asked for by hand.
    const { check, error } = problems.view.getState();
    if (!check && !error) void problems.look();
  }, [problems]);
  const hasUnsaved = useDirty(files).size > 0;
  const isOld = check !== null && (hasUnsaved || revision > check.revision);

  return (
    <section aria-label="Problems" aria-busy={checking} className="flex h-full min-h-0 flex-col bg-surface">
      <div className="flex min-h-11 shrink-0 flex-wrap items-center gap-2 border-b border-line bg-paper px-3 py-1.5">
        <Summary check={check} checking={checking} />
        <div className="ms-auto flex gap-2">
          {check && check.errors.length > 0 && (
            <Button
              kind="primary"
              className={ACTION}
              busy={checking}
              onClick={() => onAskClaude(fixRequest(check.errors))}
            >
              <Sparkles size={14} aria-hidden /> Fix with Claude
            </Button>
          )}
          <Button className={ACTION} busy={checking} onClick={() => void problems.look()}>
            <RotateCw size={14} aria-hidden className={checking ? "animate-spin" : ""} />{" "}
            {check ? "Check again" : "Check"}
          </Button>
        </div>
      </div>
      {error && (
        <p role="alert" className="border-b border-line bg-danger-soft px-4 py-2 text-[13px] text-danger">
          {error}
        </p>
      )}
      {isOld && !checking && (
        <p className="border-b border-line bg-warn-soft px-4 py-2 text-[13px] text-warn">
          The app has changed since this check.
        </p>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto">
        {running && (
          <Running
            problem={running}
            painted={painted}
            onOpenFile={onOpenFile}
            onFix={() => onAskClaude(fixRunning(running, preview.readConsole()))}
          />
        )}
        {check && check.errors.length > 0 && (
          <ProblemList label="Problems that the check found" problems={check.errors} onOpenFile={onOpenFile} />
        )}
        {check?.errors.length === 0 && !running && <Fine isOld={isOld} />}
        {!check && checking && <p className="working p-6 text-center text-muted">Checking the app </p>}
      </div>
    </section>
  );
}

function Summary({ check, checking }: { check: Check | null; checking: boolean }) {
  const now = useNow(30_000);
  const [Icon, look, text] = checking
    ? [LoaderCircle, "animate-spin text-muted", "Checking"]
    : !check
      ? [CircleDashed, "text-muted", "Not checked yet"]
      : check.errors.length === 0
        ? [CircleCheck, "text-accent", "No problems"]
        : [TriangleAlert, check.ok ? "text-muted" : "text-danger", sentence(checkWords(check))];
  return (
    <p role="status" className="flex min-w-0 items-center gap-2 text-[13px]">
      <Icon size={16} aria-hidden className={`shrink-0 ${look}`} />
      <span className="font-medium">{text}</span>
      {check && !checking && (
        <span className="text-xs text-muted">
          {formatAgo(check.at, now)}, {formatDuration(check.durationMs)}
        </span>
      )}
    </p>
  );
}

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

interface RunningProps {
  problem: RunningProblem;
  painted: boolean;
  onOpenFile: OpenFile;
  onFix(): void;
}

/** What fails in the preview, which no check can foresee. */
function Running({ problem, painted, onOpenFile, onFix }: RunningProps) {
  const { title, hint } = problemWords(problem, painted);
  return (
    <section
      aria-label="Problem in the running app"
      className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line bg-danger-soft/50 px-4 py-3"
    >
      <TriangleAlert size={15} aria-hidden className="mt-0.5 shrink-0 text-danger" />
      <div className="min-w-0 flex-1 text-[13px]">
        <p className="font-medium">{title}</p>
        <p className="text-muted">{hint}</p>
        {problem.message && <p className="mt-1 line-clamp-3 font-mono text-xs break-words">{problem.message}</p>}
        {problem.at && (
          <p className="mt-1 flex text-xs">
            <LocationLink at={problem.at} onOpenFile={onOpenFile} />
          </p>
        )}
      </div>
      <Button className={ACTION} onClick={onFix}>
        <Sparkles size={14} aria-hidden /> Fix with Claude
      </Button>
    </section>
  );
}

function Fine({ isOld }: { isOld: boolean }) {
  return (
    <div className="m-auto max-w-sm px-6 py-14 text-center">
      <span
        className={`mx-auto flex size-12 items-center justify-center rounded-full ${isOld ? "bg-raised text-muted" : "bg-accent-soft text-accent"}`}
      >
        <CircleCheck size={24} aria-hidden />
      </span>
      <h2 className="mt-3 font-serif text-lg">{isOld ? "No problems when it was checked" : "No problems found"}</h2>
      <p className="mt-1 text-[13px] text-muted">
        The types of the code fit and the app can be built. Try it in the preview to see whether it does what you want.
      </p>
    </div>
  );
}
