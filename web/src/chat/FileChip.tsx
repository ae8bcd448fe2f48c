import { FileMinus2, FilePen, FilePlus2, FileSymlink } from "lucide-react";
import type { FileAction, FileChange } from "../api/types";
import { PathText } from "../ui/PathText";

const ICONS: Record<FileAction, typeof FilePen> = {
  created: FilePlus2,
  edited: FilePen,
  deleted: FileMinus2,
  renamed: FileSymlink,
};

/** The latest change of each path, with the lines of all of its changes added up. */
export function summarise(changes: FileChange[]): FileChange[] {
  const byPath = new Map<string, FileChange>();
  for (const change of changes) {
    const before = byPath.get(change.path) ?? byPath.get(change.previousPath ?? "");
    if (change.previousPath) byPath.delete(change.previousPath);
    const created = before?.action === "created" && change.action !== "deleted";
    byPath.set(change.path, {
      ...change,
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

interface FileChipsProps {
  files: FileChange[];
  onOpen(path: string): void;
}

/** Changed files, each a way to open it. */
export function FileChips({ files, onOpen }: FileChipsProps) {
  return (
    <ul className="flex flex-wrap gap-1.5">
      {files.map((file) => (
        <li key={file.path} className="min-w-0 max-w-full">
          <Chip file={file} onOpen={onOpen} />
        </li>
      ))}
    </ul>
  );
}

function Chip({ file, onOpen }: { file: FileChange; onOpen(path: string): void }) {
  const Icon = ICONS[file.action];
  const gone = file.action === "deleted";
  return (
    <button
      type="button"
      disabled={gone}
      onClick={() => onOpen(file.path)}
      aria-label={`${file.path}, ${file.action}${gone ? "" : ", open"}`}
      className="flex h-7 max-w-full items-center gap-1.5 rounded-lg bg-raised px-2 text-xs enabled:hover:bg-accent-soft disabled:text-muted"
    >
      <Icon size={13} aria-hidden className={`shrink-0 ${gone ? "text-danger" : "text-accent"}`} />
      <PathText path={file.path} className={gone ? "line-through" : ""} />
      {file.additions !== undefined && (
        <span className="shrink-0 font-mono text-[11px]">
          <span className="text-accent">+{file.additions}</span>{" "}
          <span className="text-danger">-{file.deletions ?? 0}</span>
        </span>
      )}
    </button>
  );
}
