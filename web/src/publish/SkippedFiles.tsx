import { FileX2 } from "lucide-react";

interface SkippedFilesProps {
  /** With a reason where each has its own. */
  files: readonly { path: string; reason?: string }[];
  /** What did not happen to them, as the end of a sentence. */
  why: string;
}

/** Files that stayed behind, each by its name. */
export function SkippedFiles({ files, why }: SkippedFilesProps) {
  if (files.length === 0) return null;
  return (
    <section aria-label="Files left out" className="rounded-lg bg-warn-soft px-3 py-2 text-[13px] text-warn">
      <p className="flex items-center gap-2">
        <FileX2 size={14} aria-hidden className="shrink-0" />
        {files.length === 1 ? `1 file ${why}:` : `${files.length} files ${why}:`}
      </p>
      <ul tabIndex={0} aria-label="Names" className="mt-1 max-h-40 overflow-y-auto ps-[22px] text-xs leading-5">
        {files.map(({ path, reason }) => (
          <li key={path}>
            <span className="font-mono break-all">{path}</span>
            {reason && <span className="opacity-80">: {reason}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
