import { FileDiff, Redo2, Undo2 } from "lucide-react";
import { createContext, lazy, Suspense, useContext, useState } from "react";
import { useStore } from "zustand";
import type { Checkpoint, FileChange } from "../api/types";
import type { CheckpointsStore } from "../files/checkpoints";
import { Button } from "../ui/Button";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { FileChips, summarise } from "./FileChip";

const TurnDiff = lazy(() => import("./TurnDiff"));

/** Where the answers of a chat find the checkpoints of what they have changed. */
export interface Restoring {
  checkpoints: CheckpointsStore;
  sessionId: string | null;
  /** False while a turn is running, which would not expect its files to change. */
  enabled: boolean;
}

export const RestoringContext = createContext<Restoring | null>(null);

interface ChangedFilesProps {
  turnId: number | undefined;
  changes: FileChange[];
  onOpen(path: string): void;
}

/** The files that a turn has changed: each a way to open it, all of them to be undone together. */
export function ChangedFiles(props: ChangedFilesProps) {
  const restoring = useContext(RestoringContext);
  if (props.changes.length === 0) return null;
  return restoring ? (
    <WithUndo {...props} restoring={restoring} />
  ) : (
    <Region {...props} files={summarise(props.changes)} />
  );
}

function WithUndo({ turnId, changes, onOpen, restoring }: ChangedFilesProps & { restoring: Restoring }) {
  const { checkpoints, sessionId, enabled } = restoring;
  const checkpoint = useStore(checkpoints.view, (state) =>
    state.checkpoints.find((one) => one.turnId === turnId && one.sessionId === sessionId),
  );
  const [comparing, setComparing] = useState(false);
  return (
    <Region
      files={withCounts(summarise(changes), checkpoint)}
      onOpen={onOpen}
      below={
        checkpoint &&
        comparing && (
          <ErrorBoundary what="The comparison">
            <Suspense fallback={<p className="mt-2 text-xs text-muted">Loading</p>}>
              <TurnDiff checkpoint={checkpoint} checkpoints={checkpoints} />
            </Suspense>
          </ErrorBoundary>
        )
      }
    >
      {checkpoint && (
        <>
          <Button
            kind="quiet"
            className="-my-1 h-7 px-2 text-xs"
            aria-expanded={comparing}
            onClick={() => setComparing(!comparing)}
          >
            <FileDiff size={13} aria-hidden /> {comparing ? "Hide lines" : "Show lines"}
          </Button>
          <UndoButton checkpoint={checkpoint} checkpoints={checkpoints} enabled={enabled} />
        </>
      )}
    </Region>
  );
}

/** Changes that are known from history have no line counts of their own; their checkpoint has. */
function withCounts(files: FileChange[], checkpoint: Checkpoint | undefined): FileChange[] {
  return files.map((file) => {
    const known = checkpoint?.changes.find((change) => change.path === file.path);
    return file.additions === undefined && known
      ? { ...file, additions: known.additions, deletions: known.deletions }
      : file;
  });
}

interface RegionProps {
  files: FileChange[];
  onOpen(path: string): void;
  children?: React.ReactNode;
  below?: React.ReactNode;
}

function Region({ files, onOpen, children, below }: RegionProps) {
  return (
    <section role="group" aria-label="Changed files" className="rounded-xl border border-line bg-surface p-2.5">
      <div className="mb-1.5 flex flex-wrap items-center gap-x-2">
        <h3 className="flex-1 text-xs font-medium whitespace-nowrap text-muted">
          {files.length === 1 ? "1 file changed" : `${files.length} files changed`}
        </h3>
        {children}
      </div>
      <FileChips files={files} onOpen={onOpen} />
      {below}
    </section>
  );
}

interface UndoButtonProps {
  checkpoint: Checkpoint;
  checkpoints: CheckpointsStore;
  enabled: boolean;
}

function UndoButton({ checkpoint, checkpoints, enabled }: UndoButtonProps) {
  const undo = useStore(checkpoints.view, (state) => state.undos.get(checkpoint.revision));
  const Icon = undo?.undone ? Redo2 : Undo2;
  const verb = undo?.undone ? "Redo" : "Undo";
  const force = undo?.status === "changed";
  const said = {
    busy: "",
    done: undo?.undone ? "These changes are undone." : "",
    nothing: "These files are like that already.",
    changed: `${undo?.text} was changed since. That change would be lost from the file, but stays in its history.`,
    failed: undo?.text ?? "",
  }[undo?.status ?? "done"];
  return (
    <>
      <Button
        kind="quiet"
        className="-my-1 h-7 px-2 text-xs aria-disabled:opacity-50"
        // Not `disabled`, which would take the focus away from who has just pressed it.
        aria-disabled={!enabled || undo?.status === "busy"}
        onClick={() => enabled && undo?.status !== "busy" && void checkpoints.toggle(checkpoint, force)}
      >
        <Icon size={13} aria-hidden /> {force ? `${verb} anyway` : verb}
      </Button>
      <p role="status" className="basis-full text-xs text-muted empty:hidden">
        {said}
      </p>
    </>
  );
}
