import { X } from "lucide-react";
import { IconButton } from "./Button";

interface RefusedProps {
  /** At least one. */
  sentences: readonly string[];
  onDismiss(): void;
}

/** What was not done and why, a sentence a line, until that has been read. */
export function Refused({ sentences, onDismiss }: RefusedProps) {
  return (
    <div role="alert" className="flex items-start gap-1 rounded-xl bg-danger-soft py-1 ps-3 text-[13px] text-danger">
      <ul className="min-w-0 flex-1 space-y-1 py-1 break-words">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <IconButton label="Dismiss" className="text-inherit max-md:size-11" onClick={onDismiss}>
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  );
}
