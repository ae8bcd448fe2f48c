import { ArrowDown, Ban, X } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import { IconButton } from "../ui/Button";
import { ConsoleLine } from "./ConsoleLine";
import type { OpenFile } from "./LocationLink";
import type { ConsoleLevel } from "./model";
import type { PreviewStore } from "./store";
import { useFollowEnd } from "./useFollowEnd";

type Filter = "all" | "errors" | "warnings" | "logs";

const FILTERS: { id: Filter; label: string; none: string; levels: ConsoleLevel[] }[] = [
  {
    id: "all",
    label: "All",
    none: "The app has printed nothing yet.",
    levels: ["error", "warn", "info", "log", "debug"],
  },
  { id: "errors", label: "Errors", none: "No errors.", levels: ["error"] },
  { id: "warnings", label: "Warnings", none: "No warnings.", levels: ["warn"] },
  { id: "logs", label: "Logs", none: "No logs.", levels: ["info", "log", "debug"] },
];

/** What the app prints. Follows the end until the reader scrolls up. */
export function ConsoleDrawer({ store, onOpenFile }: { store: PreviewStore; onOpenFile: OpenFile }) {
  const entries = useStore(store.view, (state) => state.entries);
  const [chosen, setChosen] = useState<Filter>("all");
  const { follow, atEnd, toEnd } = useFollowEnd();
  const filter = FILTERS.find(({ id }) => id === chosen);
  const shown = entries.filter(({ level }) => filter?.levels.includes(level));

  return (
    <section aria-label="Console" className="flex h-full flex-col bg-surface">
      <div className="flex shrink-0 items-center gap-1 border-b border-line bg-paper px-2 max-md:px-1">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser */}
        <div role="group" aria-label="Level" className="flex min-w-0 flex-1 overflow-x-auto [scrollbar-width:none]">
          {FILTERS.map(({ id, label, levels }) => {
            const count = entries.reduce((sum, { level, count }) => sum + (levels.includes(level) ? count : 0), 0);
            return (
              <button
                key={id}
                type="button"
                aria-pressed={chosen === id}
                onClick={() => setChosen(id)}
                className="my-1 inline-flex h-7 shrink-0 items-center gap-1 rounded-md px-2.5 text-xs text-muted -outline-offset-2 hover:text-ink aria-pressed:bg-raised aria-pressed:font-medium aria-pressed:text-ink max-md:my-0 max-md:h-11"
              >
                {label}
                {id !== "all" && count > 0 && (
                  <span className={`tabular-nums ${id === "errors" ? "text-danger" : "text-muted"}`}>{count}</span>
                )}
              </button>
            );
          })}
        </div>
        <IconButton label="Clear the console" className="max-md:size-11" onClick={store.clearConsole}>
          <Ban size={14} aria-hidden />
        </IconButton>
        <IconButton label="Close the console" className="max-md:size-11" onClick={() => store.showConsole(false)}>
          <X size={15} aria-hidden />
        </IconButton>
      </div>
      <div className="relative min-h-0 flex-1">
        <div
          ref={follow}
          role="log"
          aria-live="off"
          aria-label="Lines of the console"
          tabIndex={0}
          className="h-full overflow-y-auto overscroll-contain -outline-offset-2"
        >
          <ol>
            {shown.map((entry) => (
              <ConsoleLine key={entry.id} entry={entry} onOpenFile={onOpenFile} />
            ))}
            {shown.length === 0 && <li className="px-4 py-3 text-[13px] text-muted">{filter?.none}</li>}
          </ol>
        </div>
        {!atEnd && (
          <button
            type="button"
            onClick={toEnd}
            className="absolute right-4 bottom-2 inline-flex h-7 items-center gap-1 rounded-full border border-line bg-surface px-2.5 text-xs shadow-md hover:bg-raised max-md:h-11"
          >
            <ArrowDown size={13} aria-hidden /> Newest
          </button>
        )}
      </div>
    </section>
  );
}
