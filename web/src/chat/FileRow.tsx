import { FileMinus2, FilePen, FilePlus2, FileSymlink } from "lucide-react";
import type { FileAction, FileChange } from "../api/types";
import type { ChangedFile } from "./changes";

export const FILE_ICONS: Record<FileAction, typeof FilePen> = {
  created: FilePlus2,
  edited: FilePen,
  deleted: FileMinus2,
  renamed: FileSymlink,
};

/** The look of line counts. Without any they take no room. */
export const COUNTS = "shrink-0 text-[11px] tabular-nums empty:hidden";

/** The latest change of each path, with the lines of all of its changes added up. */
export function summarise(changes: FileChange[]): ChangedFile[] {
  const byPath = new Map<string, ChangedFile>();
  for (const change of changes) {
    const before = byPath.get(change.path) ?? byPath.get(change.previousPath ?? "");
    if (change.previousPath) byPath.delete(change.previousPath);
    const created = before?.action === "created" && change.action !== "deleted";
    byPath.set(change.path, {
      path: change.path,
      previousPath: change.previousPath,
      action: created ? "created" : change.action,
      additions: sum(before?.additions, change.additions),
      deletions: sum(before?.deletions, change.deletions),
    });
  }
  return [...byPath.values()];
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}
