import { FileX2 } from "lucide-react";

interface SkippedFilesProps {
  paths: readonly string[];
  /** What did not happen to them, as the end of a sentence. */
  why: string;
}

/** Files that stayed behind, each by its name. */
export function SkippedFiles({ paths, why }: SkippedFilesProps) {
  if (paths.length === 0) return null;
  return (
    <section aria-label="Files left out" className="rounded-lg bg-warn-soft px-3 py-2 text-[13px] text-warn">
      <p className="flex items-center gap-2">
        <FileX2 size={14} aria-hidden className="shrink-0" />
        {paths.length === 1 ? `1 file ${why}:` : `${paths.length} files ${why}:`}
      </p>
      <ul className="mt-1 max-h-40 overflow-y-auto ps-[22px] font-mono text-xs leading-5 break-all">
        {paths.map((path) => (
          <li key={path}>{path}</li>
        ))}
      </ul>
    </section>
  );
}
