import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { asApiError } from "../api/errors";
import type { Checkpoint, FileDiff } from "../api/types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { PathText } from "../ui/PathText";
import { unlessLeft } from "../ui/unlessLeft";
import { ChangeSize } from "./ChangeSize";
import type { CheckpointsStore } from "./checkpoints";

interface RestoreDialogProps {
  version: Checkpoint;
  checkpoints: CheckpointsStore;
  onRestored(before: number): void;
  onClose(): void;
}

const SAID = { created: "comes back", edited: "changes", deleted: "goes", renamed: "is renamed" };

/** Says what going back to a version changes, and does it. */
export function RestoreDialog({ version, checkpoints, onRestored, onClose }: RestoreDialogProps) {
  const [files, setFiles] = useState<FileDiff[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const newest = useStore(checkpoints.view, (state) => state.checkpoints[0]?.revision);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer revision changes what would be brought back
  useEffect(() => {
    const diff = checkpoints.diffToRestore(version.revision);
    return unlessLeft(diff, setFiles, (reason) => setProblem(asApiError(reason).message));
  }, [checkpoints, version, newest]);

  const restore = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const before = await checkpoints.latestRevision();
      await checkpoints.restoreTo(version.revision);
      onClose();
      onRestored(before);
    } catch (reason) {
      setProblem(asApiError(reason).message);
      setBusy(false);
    }
  };

  return (
    <Dialog title="Restore this version?" onClose={onClose}>
      {!files && !problem && <p className="mt-2 text-muted">Looking at what would change</p>}
      {files?.length === 0 && <p className="mt-2 text-muted">All files are like that already.</p>}
      {files && files.length > 0 && (
        <>
          <p className="mt-2 text-muted">
            {files.length === 1 ? "One file is" : `${files.length} files are`} brought back. This makes a new version,
            so it can be undone.
          </p>
          <ul className="mt-3 max-h-56 overflow-y-auto rounded-lg border border-line p-2 text-xs">
            {files.map((file) => (
              <li key={file.path} className="flex items-center gap-2 py-0.5">
                <PathText path={file.path} className="flex-1" />
                <span className="text-muted">{SAID[file.action]}</span>
                <ChangeSize of={file} />
              </li>
            ))}
          </ul>
        </>
      )}
      {problem && (
        <p role="alert" className="mt-2 text-[13px] text-danger">
          {problem}
        </p>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" disabled={busy || !files || files.length === 0} onClick={() => void restore()}>
          Restore
        </Button>
      </div>
    </Dialog>
  );
}
