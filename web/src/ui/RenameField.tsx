import { useEffect, useRef } from "react";
import { useNaming } from "./useNaming";

interface RenameFieldProps {
  label: string;
  maxLength: number;
  name: string;
  onSubmit(name: string): Promise<void>;
  onClose(): void;
}

/** A name in its place, to be typed over: Enter keeps it, Esc and leaving do not. */
export function RenameField({ label, name, maxLength, onSubmit, onClose }: RenameFieldProps) {
  const { typed, setTyped, busy, problem, isNew, submit } = useNaming({ initial: name, onSubmit, onClose });
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  return (
    <form
      className="min-w-0 flex-1 p-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (isNew) void submit();
        else onClose();
      }}
    >
      <input
        ref={input}
        aria-label={label}
        value={typed}
        maxLength={maxLength}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => !busy && !problem && onClose()}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onClose();
        }}
        className="h-10 w-full rounded-lg border border-accent bg-paper px-2.5 text-sm max-md:h-11 max-md:text-base"
      />
      {problem && (
        <p role="alert" className="p-1 text-xs text-danger">
          {problem}
        </p>
      )}
    </form>
  );
}
