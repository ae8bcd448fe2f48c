import { useEffect, useLayoutEffect, useRef } from "react";

/** What has a use of its own for Esc while it is open. */
const CLOSABLE = "dialog[open], [role=dialog], [role=menu], [role=listbox]";

/** Esc stops the running turn wherever the focus is, unless it is for something that is open. */
export function useStopKey(isProcessing: boolean, stop: () => void): void {
  const latest = useRef(stop);
  useLayoutEffect(() => {
    latest.current = stop;
  });
  useEffect(() => {
    if (!isProcessing) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      if ([...document.querySelectorAll(CLOSABLE)].some(isShown)) return;
      event.preventDefault();
      latest.current();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isProcessing]);
}

/** Editors keep their lists in the document while these are closed. */
function isShown(element: Element): boolean {
  return !("checkVisibility" in element) || element.checkVisibility({ visibilityProperty: true });
}
