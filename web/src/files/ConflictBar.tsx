import { GitMerge } from "lucide-react";
import { Button } from "../ui/Button";
import type { Conflict } from "./document";
import type { Choice } from "./saving";

interface ConflictBarProps {
  path: string;
  conflict: Conflict;
  comparing: boolean;
  plain: boolean;
  onCompare(comparing: boolean): void;
  onChoose(choice: Choice): void;
}

/** Two versions of one file, and the ways out. */
export function ConflictBar({ path, conflict, comparing, plain, onCompare, onChoose }: ConflictBarProps) {
  const isText = conflict.theirs !== null;
  const deleted = conflict.version === 0;
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-2 border-b border-line bg-warn-soft px-3 py-2 text-[13px] text-warn"
    >
      <GitMerge size={16} aria-hidden />
      <p className="min-w-48 flex-1">
        {deleted
          ? `${path} was deleted while you were editing it.`
          : isText
            ? `${path} was changed while you were editing it.`
            : `${path} was replaced by a file that is no text while you were editing it.`}
        {comparing && !plain && " Red is the stored version, green is yours and can still be edited."}
      </p>
      <div className="flex flex-wrap gap-2">
        {isText && (
          <Button onClick={() => onCompare(!comparing)}>
            {comparing ? (plain ? "See mine" : "Stop comparing") : plain ? "See theirs" : "Compare"}
          </Button>
        )}
        {conflict.merged !== null && (
          <Button kind="primary" onClick={() => onChoose("merged")}>
            Save both merged
          </Button>
        )}
        <Button onClick={() => onChoose("mine")}>Keep mine</Button>
        <Button onClick={() => onChoose("theirs")}>{deleted ? "Discard mine" : "Take theirs"}</Button>
      </div>
    </div>
  );
}
