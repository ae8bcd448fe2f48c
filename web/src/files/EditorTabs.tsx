import { X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { EnvironmentMark } from "./EnvironmentMark";

interface EditorTabsProps {
  tabs: readonly string[];
  active: string | null;
  /** The tab that gives way to the next one that Claude writes in. */
  previewTab: string | null;
  dirty: ReadonlySet<string>;
  onSelect(path: string): void;
  /** Makes the preview tab one that stays. */
  onKeep(path: string): void;
  onClose(path: string): void;
}

/**
 * The open files as tabs; arrows move between them, Delete or a middle click closes. A tab list may hold
 * nothing but tabs, so the crosses are for the pointer only; a button beside the list serves everybody else.
 */
export function EditorTabs({ tabs, active, previewTab, dirty, onSelect, onKeep, onClose }: EditorTabsProps) {
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tab that is in view is the one that became active
  useEffect(() => {
    const tab = list.current?.querySelector("[aria-selected=true]");
    // With its cross, which stands beside it.
    tab?.parentElement?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }, [active]);

  const onKeyDown = (event: KeyboardEvent, index: number) => {
    const targets = new Map([
      ["ArrowLeft", index - 1],
      ["ArrowRight", index + 1],
      ["Home", 0],
      ["End", tabs.length - 1],
    ]);
    const target = targets.get(event.key);
    if (event.key === "Delete") {
      const path = tabs[index];
      if (path) onClose(path);
    } else if (target !== undefined) {
      const path = tabs[(target + tabs.length) % tabs.length];
      if (!path) return;
      event.preventDefault();
      onSelect(path);
      list.current?.querySelectorAll<HTMLElement>("[role=tab]")[(target + tabs.length) % tabs.length]?.focus();
    }
  };

  return (
    <div
      ref={list}
      role="tablist"
      aria-label="Open files"
      className="flex min-w-0 flex-1 overflow-x-auto [scrollbar-width:none]"
    >
      {tabs.map((path, index) => {
        const selected = path === active;
        const unsaved = dirty.has(path);
        return (
          <div
            key={path}
            role="presentation"
            className={`group flex max-w-[min(100%,20rem)] shrink-0 items-center border-r border-line pr-1 ${selected ? "bg-surface" : "text-muted hover:bg-raised"}`}
            onAuxClick={(event) => event.button === 1 && onClose(path)}
          >
            <button
              type="button"
              role="tab"
              id={`tab-${path}`}
              aria-selected={selected}
              aria-controls="editor-panel"
              tabIndex={selected ? 0 : -1}
              title={path}
              onClick={() => onSelect(path)}
              onDoubleClick={() => onKeep(path)}
              onKeyDown={(event) => onKeyDown(event, index)}
              className={`flex h-11 min-w-0 items-center gap-2 pl-3.5 text-[13px] -outline-offset-2 ${path === previewTab ? "italic" : ""}`}
            >
              <span className="truncate">{path.split("/").at(-1)}</span>
              <EnvironmentMark path={path} />
              {unsaved && (
                <span className="size-2 shrink-0 rounded-full bg-warn" role="img" aria-label="unsaved changes" />
              )}
            </button>
            <button
              type="button"
              tabIndex={-1}
              aria-hidden
              title={`Close ${path}`}
              onClick={() => onClose(path)}
              className="ml-1 shrink-0 rounded-md p-1 text-muted hover:bg-raised hover:text-ink max-md:p-3.5"
            >
              <X size={13} aria-hidden />
            </button>
          </div>
        );
      })}
    </div>
  );
}
