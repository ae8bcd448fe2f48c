import { LocationLink, type OpenFile } from "./LocationLink";
import type { ConsoleEntry } from "./model";

interface StackLinesProps {
  stack: NonNullable<ConsoleEntry["stack"]>;
  onOpenFile: OpenFile;
  className?: string;
}

/** The lines of a stack; those of the app's files open there. */
export function StackLines({ stack, onOpenFile, className = "" }: StackLinesProps) {
  return (
    <ol className={`space-y-0.5 font-mono ${className}`}>
      {stack.map(({ text, at }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a stack is never changed
        <li key={index} className="flex min-w-0 gap-2">
          <span className="truncate">{at ? callerOf(text) : text}</span>
          {at && <LocationLink at={at} onOpenFile={onOpenFile} />}
        </li>
      ))}
    </ol>
  );
}

/** "TodoList" of "at TodoList (src/TodoList.tsx:12:8)". */
function callerOf(text: string): string {
  return /^\s*(?:at )?([^\s(@]+)\s?[(@]/.exec(text)?.[1] ?? "";
}
