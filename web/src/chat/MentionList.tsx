import { useEffect, useRef } from "react";
import { PathText } from "../ui/PathText";

interface MentionListProps {
  id: string;
  options: string[];
  active: number;
  onPick(path: string): void;
}

/** The files that a mention may mean, above the message box, which keeps the focus. */
export function MentionList({ id, options, active, onPick }: MentionListProps) {
  const chosen = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another option is the chosen one now
  useEffect(() => {
    chosen.current?.scrollIntoView?.({ block: "nearest" });
  }, [active]);
  return (
    <div
      id={id}
      role="listbox"
      aria-label="Files"
      className="absolute right-0 bottom-full left-0 z-20 mb-1.5 max-h-64 overflow-y-auto rounded-xl border border-line bg-surface p-1 shadow-xl"
    >
      {options.map((path, index) => (
        <div
          key={path}
          ref={index === active ? chosen : undefined}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          // A press, so that the box does not lose the focus first.
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(path);
          }}
          className="flex min-h-8 cursor-pointer items-center rounded-lg px-2.5 text-[13px] aria-selected:bg-accent-soft max-md:min-h-11"
        >
          <PathText path={path} />
        </div>
      ))}
    </div>
  );
}
