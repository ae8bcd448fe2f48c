import { useMemo } from "react";
import { useStore } from "zustand";
import { isDirty } from "./doc";
import type { FilesStore } from "./store";

/** The paths with unsaved changes; the same set as long as it holds the same. */
export function useDirty(files: FilesStore): ReadonlySet<string> {
  const key = useStore(files.view, ({ docs }) =>
    Object.values(docs)
      .filter(isDirty)
      .map((doc) => doc.path)
      .join("\n"),
  );
  return useMemo(() => new Set(key ? key.split("\n") : []), [key]);
}
