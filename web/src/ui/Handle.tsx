import { useRef } from "react";

/** Pixels that an arrow key moves it. */
const STEP = 40;

interface HandleProps {
  /** Says what it moves. */
  label: string;
  /** How the line runs: between columns it is vertical. */
  orientation: "vertical" | "horizontal";
  /** How much of both sides the first one has, in per cent. */
  value: number;
  /** Somebody takes hold of it: gives the way to move it, in pixels from where it is now. */
  onTake(): (by: number) => void;
  /** Back to where it was before anybody moved it. */
  onReset?(): void;
}

/** A line between two parts, to be moved with a pointer or the arrow keys. */
export function Handle({ label, orientation, value, onTake, onReset }: HandleProps) {
  const drag = useRef<{ from: number; move(by: number): void } | null>(null);
  const vertical = orientation === "vertical";
  const keys: Record<string, number> = {
    [vertical ? "ArrowLeft" : "ArrowUp"]: -STEP,
    [vertical ? "ArrowRight" : "ArrowDown"]: STEP,
    Home: Number.NEGATIVE_INFINITY,
    End: Number.POSITIVE_INFINITY,
  };
  const place = (event: React.PointerEvent) => (vertical ? event.clientX : event.clientY);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(value)}
      className={`group relative z-10 shrink-0 touch-none bg-line outline-none select-none ${vertical ? "w-px cursor-col-resize" : "h-px cursor-row-resize"}`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        // From here on its events come to it, outside of the window too.
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { from: place(event), move: onTake() };
      }}
      onPointerMove={(event) => drag.current?.move(place(event) - drag.current.from)}
      onLostPointerCapture={() => {
        drag.current = null;
      }}
      onDoubleClick={onReset}
      onKeyDown={(event) => {
        const by = keys[event.key];
        if (by === undefined) return;
        event.preventDefault();
        onTake()(by);
      }}
    >
      {/* Wide enough to be taken hold of, and seen only when it is; then it covers the frames, which keep what is moved over them. */}
      <span
        aria-hidden
        className={`absolute group-active:before:fixed group-active:before:inset-0 after:absolute after:bg-accent after:opacity-0 after:transition-opacity group-hover:after:opacity-100 group-focus-visible:after:opacity-100 group-active:after:opacity-100 ${vertical ? "inset-y-0 -left-1 w-[9px] after:inset-y-0 after:left-[3px] after:w-[3px]" : "inset-x-0 -top-1 h-[9px] after:inset-x-0 after:top-[3px] after:h-[3px]"}`}
      />
    </div>
  );
}
