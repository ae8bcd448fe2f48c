import type { StoreApi } from "zustand";
import { createStore } from "zustand/vanilla";
import type { ContentsState, ContentsStore } from "../files/contents";
import type { PastVersion } from "../files/pastVersion";

/** What the preview runs: the app as it is now, or as an earlier version had it. */
export interface ShownContents {
  view: StoreApi<ContentsState>;
  retry(): unknown;
  /** Runs these files instead of the present ones; null goes back to those. */
  show(past: PastVersion | null): void;
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
      view.setState(past ? { status: "ready", ...past } : contents.view.getState());
    },
  };
}
