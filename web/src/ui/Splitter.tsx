import { useEffect, useState } from "react";
import { storage } from "./storage";

interface SplitterProps {
  label: string;
  width: number;
  min: number;
  max: number;
  onResize(width: number): void;
}

/** A handle between two columns, for pointer and arrow keys; `width` is that of the column before it. */
export function Splitter({ label, width, min, max, onResize }: SplitterProps) {
  const resize = (wanted: number) => onResize(Math.min(max, Math.max(min, Math.round(wanted))));
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      className="group relative z-10 -mx-1 w-2 shrink-0 cursor-col-resize touch-none outline-none"
      onKeyDown={(event) => {
        const step = event.shiftKey ? 64 : 16;
        if (event.key === "ArrowLeft") resize(width - step);
        else if (event.key === "ArrowRight") resize(width + step);
        else if (event.key === "Home") resize(min);
        else if (event.key === "End") resize(max);
        else return;
        event.preventDefault();
      }}
      onPointerDown={(event) => {
        const handle = event.currentTarget;
        const start = event.clientX;
        handle.setPointerCapture(event.pointerId);
        const move = (moved: PointerEvent) => resize(width + moved.clientX - start);
        const stop = () => {
          handle.removeEventListener("pointermove", move);
          handle.removeEventListener("lostpointercapture", stop);
        };
        handle.addEventListener("pointermove", move);
        handle.addEventListener("lostpointercapture", stop);
      }}
    >
      <div className="mx-auto h-full w-px bg-line transition-colors group-hover:w-0.5 group-hover:bg-accent group-focus-visible:w-0.5 group-focus-visible:bg-accent" />
    </div>
  );
}

/** A width that is remembered on this machine. */
export function useStoredWidth(key: string, initial: number): [number, (width: number) => void] {
  const [width, setWidth] = useState(() => Number(storage.getItem(key)) || initial);
  useEffect(() => storage.setItem(key, String(width)), [key, width]);
  return [width, setWidth];
}
