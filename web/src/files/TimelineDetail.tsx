import { ArrowLeft, Play, RotateCcw } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { asApiError } from "../api/errors";
import type { Checkpoint, FileDiff } from "../api/types";
import { Button, IconButton } from "../ui/Button";
import { formatAgo } from "../ui/format";
import { PathText } from "../ui/PathText";
import { unlessLeft } from "../ui/unlessLeft";
import { ChangeSize } from "./ChangeSize";
import type { CheckpointsStore } from "./checkpoints";
import { DiffLines } from "./DiffLines";
import { fileIcon } from "./fileIcons";
import { RestoreDialog } from "./RestoreDialog";

interface TimelineDetailProps {
  version: Checkpoint;
  isLatest: boolean;
  now: number;
  checkpoints: CheckpointsStore;
  className: string;
  onBack(): void;
  onOpenFile(path: string): void;
  onPreview?(revision: number): void;
  /** All files were brought back to this version; `before` is the revision to undo that with. */
  onRestored(before: number): void;
}

/** From this width on, in pixels, the two versions are side by side. */
const SPLIT_FROM = 760;
/** With more files than this, each opens when it is asked for. */
const OPEN_UP_TO = 12;

const SAID = { created: "new", edited: "", deleted: "deleted", renamed: "renamed" };

/** What one version has changed, file by file. */
export function TimelineDetail(props: TimelineDetailProps) {
  const { version, isLatest, now, checkpoints, className, onBack, onOpenFile, onPreview, onRestored } = props;
  const [files, setFiles] = useState<FileDiff[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [restoring, setRestoring] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const split = useIsWide(body, SPLIT_FROM);

  useEffect(
    () => unlessLeft(checkpoints.diff(version), setFiles, (reason) => setProblem(asApiError(reason).message)),
    [checkpoints, version],
  );

  return (
    <div className={`flex-col ${className}`}>
      <header className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
        <IconButton label="Back to all versions" onClick={onBack} className="max-md:size-11 @2xl:hidden">
          <ArrowLeft size={16} aria-hidden />
        </IconButton>
        <div className="min-w-48 flex-1">
          <h2 className="line-clamp-2 font-serif text-base leading-snug">{version.message}</h2>
          <p className="text-xs text-muted">
            {version.author === "ai" ? "Claude" : "You"}, {formatAgo(version.createdAt, now)}
          </p>
        </div>
        {onPreview && (
          <Button onClick={() => onPreview(version.revision)}>
            <Play size={14} aria-hidden /> Preview this version
          </Button>
        )}
        {!isLatest && (
          <Button onClick={() => setRestoring(true)}>
            <RotateCcw size={14} aria-hidden /> Restore this version
          </Button>
        )}
      </header>
      <div ref={body} className="min-h-0 flex-1 overflow-y-auto p-3">
        {problem && (
          <p role="alert" className="text-[13px] text-danger">
            {problem}
          </p>
        )}
        {!problem && !files && <p className="text-muted">Loading</p>}
        {files?.length === 0 && <p className="text-[13px] text-muted">No line differs.</p>}
        <ul className="space-y-3">
          {files?.map((file) => (
            <FileChanges
              key={file.path}
              file={file}
              split={split}
              open={files.length <= OPEN_UP_TO}
              onOpenFile={onOpenFile}
            />
          ))}
        </ul>
      </div>
      {restoring && (
        <RestoreDialog
          version={version}
          checkpoints={checkpoints}
          onRestored={onRestored}
          onClose={() => setRestoring(false)}
        />
      )}
    </div>
  );
}

interface FileChangesProps {
  file: FileDiff;
  split: boolean;
  open: boolean;
  onOpenFile(path: string): void;
}

function FileChanges({ file, split, open, onOpenFile }: FileChangesProps) {
  const { path, action, diff = "", binary } = file;
  const [isOpen, setIsOpen] = useState(open);
  const { Icon, tone } = fileIcon(path, binary);
  return (
    <li className="overflow-hidden rounded-xl border border-line">
      <details open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary className="flex min-h-9 items-center gap-2 bg-raised px-3 text-[13px] -outline-offset-2 max-md:min-h-11">
          <Icon size={14} aria-hidden className={`shrink-0 ${tone}`} />
          <PathText path={path} className="flex-1" />
          {SAID[action] && <span className="text-xs text-muted">{SAID[action]}</span>}
          <ChangeSize of={file} />
        </summary>
        {isOpen && (
          <>
            {!binary && <DiffLines path={path} diff={diff} split={split && action === "edited"} />}
            {action !== "deleted" && (
              <div className="border-t border-line px-2 py-1">
                <Button kind="quiet" onClick={() => onOpenFile(path)}>
                  Open file
                </Button>
              </div>
            )}
          </>
        )}
      </details>
    </li>
  );
}

function useIsWide(element: { current: HTMLElement | null }, from: number): boolean {
  const [isWide, setIsWide] = useState(false);
  useLayoutEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => setIsWide((entry?.contentRect.width ?? 0) >= from));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element, from]);
  return isWide;
}
