import { ChevronDown, ChevronUp, Eye, GitMerge, PenLine, X } from "lucide-react";
import type { ReactNode } from "react";
import { Button, IconButton } from "../ui/Button";

interface BarProps {
  icon: ReactNode;
  tone?: "calm" | "warn";
  role?: "status" | "alert";
  children: ReactNode;
}

/** A line between the tabs and the text that says what happens to the file. */
function Bar({ icon, tone = "calm", role, children }: BarProps) {
  const tones = { calm: "bg-accent-soft text-ink", warn: "bg-warn-soft text-warn" };
  return (
    <div
      role={role}
      className={`flex min-h-10 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-3 py-1 text-[13px] ${tones[tone]}`}
    >
      {icon}
      {children}
    </div>
  );
}

interface MergedBarProps {
  note: string;
  plain: boolean;
  onDismiss(): void;
}

/** Says that the text was changed under the vendor's hands. */
export function MergedBar({ note, plain, onDismiss }: MergedBarProps) {
  return (
    <Bar icon={<GitMerge size={15} aria-hidden />} tone="warn" role="alert">
      <p className="min-w-40 flex-1">
        {note}
        {!plain && " Undo in the editor takes it back."}
      </p>
      <IconButton label="Dismiss" onClick={onDismiss} className="text-warn max-md:size-11">
        <X size={15} aria-hidden />
      </IconButton>
    </Bar>
  );
}

interface WritingBarProps {
  path: string;
  /** False where the vendor looks at something else meanwhile. */
  following: boolean;
  onFollow(): void;
}

/** Says which file Claude writes at the moment. */
export function WritingBar({ path, following, onFollow }: WritingBarProps) {
  return (
    <Bar icon={<PenLine size={15} aria-hidden className="text-accent" />}>
      <p className="working min-w-40 flex-1">
        Claude is writing <span className="font-mono">{path}</span>{" "}
      </p>
      {!following && (
        <Button className="max-md:h-11" onClick={onFollow}>
          <Eye size={14} aria-hidden /> Follow
        </Button>
      )}
    </Bar>
  );
}

interface ReviewBarProps {
  isNew: boolean;
  count: number;
  /** False where there is no editor that could go to a change. */
  canStep: boolean;
  problem: string | null;
  /** True where undoing takes later changes along. */
  force: boolean;
  busy: boolean;
  onStep(by: 1 | -1): void;
  onKeep(): void;
  onUndo(): void;
}

/** What Claude has changed in a file: to be looked through, kept or undone. */
export function ReviewBar(props: ReviewBarProps) {
  const { isNew, count, canStep, problem, force, busy, onStep, onKeep, onUndo } = props;
  return (
    <Bar icon={<PenLine size={15} aria-hidden className="text-accent" />}>
      <p className="min-w-28 flex-1">
        {problem ??
          (isNew ? "Claude made this file." : count === 1 ? "1 change by Claude" : `${count} changes by Claude`)}
      </p>
      {!isNew && canStep && (
        <span className="flex">
          <IconButton label="Previous change" onClick={() => onStep(-1)}>
            <ChevronUp size={16} aria-hidden />
          </IconButton>
          <IconButton label="Next change" onClick={() => onStep(1)}>
            <ChevronDown size={16} aria-hidden />
          </IconButton>
        </span>
      )}
      <Button className="max-md:h-11" onClick={onKeep}>
        Keep
      </Button>
      <Button className="max-md:h-11" onClick={onUndo} disabled={busy}>
        {force ? "Undo anyway" : isNew ? "Undo, delete it" : "Undo"}
      </Button>
    </Bar>
  );
}
