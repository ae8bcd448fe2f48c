import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./Button";

interface RefusedProps {
  /** The sentences, as items of a list. */
  children: ReactNode;
  onDismiss(): void;
}

/** What was not done and why, a sentence a line, until that has been read. */
export function Refused({ children, onDismiss }: RefusedProps) {
  return (
    <div role="alert" className="flex items-start gap-1 rounded-xl bg-danger-soft py-1 ps-3 text-[13px] text-danger">
      <ul className="min-w-0 flex-1 space-y-1 py-1 break-words">{children}</ul>
      <IconButton label="Dismiss" className="text-inherit max-md:size-11" onClick={onDismiss}>
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  );
}
