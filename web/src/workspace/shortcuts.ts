import { useEffect, useLayoutEffect, useRef } from "react";

/** What a combination of Ctrl (or the Mac's command key) and a letter does; "shift+f" with Shift. */
export type Shortcuts = Readonly<Record<string, () => void>>;

const isMac = /Mac|iP(hone|ad|od)/.test(navigator.userAgent);

/** How the reader's keyboard calls the key of a shortcut. */
export const MOD = isMac ? "⌘" : "Ctrl+";

/** Listens to shortcuts wherever the focus is. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useLayoutEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || !(isMac ? event.metaKey : event.ctrlKey)) return;
      const name = `${event.shiftKey ? "shift+" : ""}${event.key.toLowerCase()}`;
      const act = Object.hasOwn(latest.current, name) ? latest.current[name] : undefined;
      // A dialog has the keyboard to itself.
      if (!act || document.querySelector("dialog[open], [role=dialog][data-state=open]")) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    // Before the editor, which has a meaning of its own for some of them.
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, []);
}
