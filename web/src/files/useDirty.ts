import { useMemo } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { FilesStore } from "./store";

/** The paths with unsaved changes; the same set as long as it holds the same. */
export function useDirty(files: FilesStore): ReadonlySet<string> {
  const paths = useStore(
    files.view,
    useShallow(({ docs }) => [...docs.values()].filter((doc) => doc.dirty).map((doc) => doc.path)),
  );
  return useMemo(() => new Set(paths), [paths]);
}
