import { ChevronRight, FileDiff, SquareArrowOutUpRight } from "lucide-react";
import { lazy, type ReactNode, useState } from "react";
import type { FileChange } from "../api/types";
import { Button, IconButton } from "../ui/Button";
import { LazyPart } from "../ui/LazyPart";
import { LineCounts, sumOf } from "../ui/LineCounts";
import { PathText } from "../ui/PathText";
import { type ChangedFile, useTurnChange } from "./changes";
import { COUNTS, FILE_ICONS, summarise } from "./FileRow";
import { UndoButton } from "./UndoButton";

const TurnDiff = lazy(() => import("./TurnDiff"));

/** More files than this are folded until asked for. */
const ROWS_SHOWN = 6;

interface ChangedFilesProps {
  turnId: number | undefined;
  changes: FileChange[];
  /** True where they were undone when the chat was read. */
  wasUndone: boolean;
  /** False while their turn waits: it may change them further. */
  isEnded: boolean;
  onOpen(path: string): void;
}

/** The files that a turn has changed: each with its lines behind a click, all of them to be undone together. */
export function ChangedFiles({ turnId, changes, wasUndone, isEnded, onOpen }: ChangedFilesProps) {
  const change = useTurnChange(turnId);
  const [isComparing, setComparing] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const files = withCounts(summarise(changes), change?.files);
  const known = change && turnId !== undefined ? { change, turnId } : null;
  const shown = isWhole ? files : files.slice(0, ROWS_SHOWN);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form
    <section role="group" aria-label="Changed files" className="rounded-xl border border-line bg-surface p-1.5">
      <div className="flex flex-wrap items-center gap-x-1 ps-2">
        <h3 className="flex flex-1 items-center gap-2 py-1 text-xs font-medium whitespace-nowrap text-muted">
          <span>{files.length === 1 ? "1 file changed" : `${files.length} files changed`}</span>
          {files.length > 1 && <LineCounts of={sumOf(files)} className={COUNTS} />}
        </h3>
        {known && (
          <>
            <Button
              kind="quiet"
              className="h-7 px-2 text-xs max-md:h-11"
              aria-expanded={isComparing}
              onClick={() => setComparing(!isComparing)}
            >
              <FileDiff size={13} aria-hidden /> <span>{isComparing ? "Hide lines" : "Show lines"}</span>
            </Button>
            {isEnded && <UndoButton {...known} wasUndone={wasUndone} />}
          </>
        )}
      </div>
      <ul>
        {shown.map((file) => (
          <FileRow key={file.path} file={file} turnId={known?.turnId} onOpen={onOpen} />
        ))}
      </ul>
      {files.length > shown.length && (
        <Button kind="quiet" className="h-7 px-2 text-xs max-md:h-11" onClick={() => setWhole(true)}>
          {`Show all ${files.length} files`}
        </Button>
      )}
      {known && isComparing && (
        <Comparison>
          <TurnDiff turnId={known.turnId} />
        </Comparison>
      )}
    </section>
  );
}

interface FileRowProps {
  file: ChangedFile;
  /** Absent where the turn's lines are not to be had. */
  turnId: number | undefined;
  onOpen(path: string): void;
}

function FileRow({ file, turnId, onOpen }: FileRowProps) {
  const [isOpen, setOpen] = useState(false);
  const Icon = FILE_ICONS[file.action];
  const isGone = file.action === "deleted";
  const tone = isGone ? "text-danger" : "text-accent";
  return (
    <li>
      <div className="flex items-center rounded-lg hover:bg-raised">
        <button
          type="button"
          aria-label={`${file.path}, ${file.action}`}
          aria-expanded={turnId === undefined ? undefined : isOpen}
          disabled={turnId === undefined && isGone}
          onClick={() => (turnId === undefined ? onOpen(file.path) : setOpen(!isOpen))}
          className="flex min-h-7 min-w-0 flex-1 items-center gap-2 rounded-lg px-2 text-start text-xs max-md:min-h-11"
        >
          <Icon size={14} aria-hidden className={`shrink-0 ${tone}`} />
          <PathText path={file.path} className={isGone ? "text-muted line-through" : ""} />
          <span className="ms-auto flex shrink-0 items-center gap-2">
            <LineCounts of={file} className={COUNTS} />
            {turnId !== undefined && (
              <ChevronRight
                size={13}
                aria-hidden
                className={`text-muted transition-transform ${isOpen ? "rotate-90" : ""}`}
              />
            )}
          </span>
        </button>
        {!isGone && (
          <IconButton label={`Open ${file.path}`} className="size-7 max-md:size-11" onClick={() => onOpen(file.path)}>
            <SquareArrowOutUpRight size={13} aria-hidden />
          </IconButton>
        )}
      </div>
      {isOpen && turnId !== undefined && (
        <Comparison>
          <TurnDiff turnId={turnId} path={file.path} />
        </Comparison>
      )}
    </li>
  );
}

function Comparison({ children }: { children: ReactNode }) {
  return (
    <LazyPart what="The comparison" loading={<p className="px-2 py-1 text-xs text-muted">Loading</p>}>
      {children}
    </LazyPart>
  );
}

/** Changes that are known from history may have no line counts of their own; what is known of the turn has. */
function withCounts(files: ChangedFile[], counted: ChangedFile[] | undefined): ChangedFile[] {
  return files.map((file) => {
    const known = counted?.find((change) => change.path === file.path);
    return file.additions === undefined && known
      ? { ...file, additions: known.additions, deletions: known.deletions }
      : file;
  });
}
