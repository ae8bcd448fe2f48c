import { locationText } from "./location";
import type { Location } from "./model";

export type OpenFile = (path: string, line?: number, column?: number) => void;

/** On a phone a finger may miss a small link by a few pixels. */
const TOUCH = "max-md:relative max-md:after:absolute max-md:after:-inset-3 max-md:after:content-['']";

interface LocationLinkProps {
  at: Location;
  onOpenFile: OpenFile;
  /** Only the file's name, where there is little room. */
  short?: boolean;
  className?: string;
}

/** A place in a file, which opens there. */
export function LocationLink({ at, onOpenFile, short, className = "" }: LocationLinkProps) {
  const text = locationText(at);
  return (
    <button
      type="button"
      onClick={() => onOpenFile(at.path, at.line, at.column)}
      title={`Open ${text}`}
      className={`flex min-w-0 rounded font-mono text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent ${TOUCH} ${className}`}
    >
      <span className="sr-only">Open </span>
      <span className="truncate">{short ? text.slice(at.path.lastIndexOf("/") + 1) : text}</span>
    </button>
  );
}
