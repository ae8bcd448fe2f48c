import type { StoreApi } from "zustand";
import { createStore } from "zustand/vanilla";
import type { ContentsState, ContentsStore } from "../files/contents";

/** What the preview runs: the app as it is now, or as an earlier version had it. */
export interface ShownContents {
  view: StoreApi<ContentsState>;
  retry(): unknown;
  /** Runs these files instead of the present ones; null goes back to those. */
  show(past: ReadonlyMap<string, string> | null): void;
}

export function createShownContents(contents: ContentsStore): ShownContents {
  const view = createStore<ContentsState>(() => contents.view.getState());
  let isPast = false;
  contents.view.subscribe((state) => {
    if (!isPast) view.setState(state);
  });
  return {
    view,
    retry: contents.retry,
    show(past) {
      isPast = past !== null;
      view.setState(past ? { status: "ready", files: past } : contents.view.getState());
    },
  };
}
