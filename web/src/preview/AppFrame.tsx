import type { ReactNode } from "react";
import { useStore } from "zustand";
import { frameBox } from "./screens";
import type { PreviewStore } from "./store";
import { useSize } from "./useSize";

interface AppFrameProps {
  store: PreviewStore;
  /** Where the engine puts the app. */
  host: (element: HTMLElement | null) => void;
  /** What lies over the app. */
  children: ReactNode;
}

/** The app at the width of the chosen device. The element that holds it stays the same, or the app would start anew. */
export function AppFrame({ store, host, children }: AppFrameProps) {
  const device = useStore(store.view, (state) => state.device);
  const painted = useStore(store.view, (state) => state.painted);
  const [room, measure] = useSize();
  const fits = device === "fit" || !room;
  const box = fits ? null : frameBox(device, room);
  return (
    <div className="relative h-full overflow-hidden bg-raised">
      {/* What is wider than the pane is scrolled to, by keyboard too. */}
      <div
        ref={measure}
        tabIndex={box ? 0 : undefined}
        className={`h-full ${fits ? "overflow-hidden" : "flex flex-col overflow-auto p-4 pt-0"}`}
      >
        {box && (
          <p className="h-7 shrink-0 text-center text-xs leading-7 text-muted tabular-nums">
            {box.width} × {box.height}
            {box.scale < 1 && `, at ${Math.round(box.scale * 100)} %`}
          </p>
        )}
        <div
          className={fits ? "h-full" : "mx-auto shrink-0 overflow-hidden rounded-xl border border-line shadow-lg"}
          style={box ? { width: box.width * box.scale, height: box.height * box.scale } : undefined}
        >
          <div
            key="host"
            ref={host}
            className={`origin-top-left *:block *:size-full *:border-0 ${painted ? "bg-white" : "bg-surface"} ${fits ? "size-full" : ""}`}
            style={box ? { width: box.width, height: box.height, transform: `scale(${box.scale})` } : undefined}
          />
        </div>
      </div>
      {children}
    </div>
  );
}
