import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { ApiError, asApiError } from "../api/errors";
import { ReviewBar } from "./bars";
import type { CheckpointsStore } from "./checkpoints";
import { isLoaded } from "./document";
import type { FilesStore } from "./store";

interface ReviewProps {
  path: string;
  files: FilesStore;
  checkpoints: CheckpointsStore;
  plain: boolean;
  onStep(by: 1 | -1): void;
}

/** What the latest turn has changed in the file that is looked at, once the turn has ended. */
export function Review({ path, files, checkpoints, plain, onStep }: ReviewProps) {
  const change = useStore(files.view, ({ changed, turnRunning }) => (turnRunning ? undefined : changed.get(path)));
  const loaded = useStore(files.view, ({ docs }) => isLoaded(docs.get(path)));
  // Lines are compared with the version that the turn has made, not with an earlier one that is shown a moment longer.
  const current = useStore(
    files.view,
    ({ docs, byPath }) => (docs.get(path)?.baseVersion ?? 0) >= (byPath.get(path)?.version ?? 0),
  );
  const review = useStore(files.view, ({ reviews }) => reviews.get(path));
  const isBinary = useStore(files.view, ({ byPath, docs }) => byPath.get(path)?.binary === true && !docs.has(path));
  const [problem, setProblem] = useState<string | null>(null);
  const [force, setForce] = useState(false);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    if (change && loaded && current) void files.turn.review(path);
  }, [files, path, change, loaded, current]);

  // What has no lines has changed as a whole, until the vendor has dealt with it.
  const count = isBinary ? Number(review === undefined && change?.action !== "renamed") : (review?.length ?? 0);
  if (!change || count === 0) return null;
  const undo = async () => {
    setBusy(true);
    try {
      await checkpoints.undoPath(path, force);
      files.turn.forget(path);
    } catch (reason) {
      const isChanged = reason instanceof ApiError && reason.code === "version_conflict";
      setForce(isChanged);
      setProblem(isChanged ? `${path} was changed since. That change would be lost too.` : asApiError(reason).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <ReviewBar
      isNew={change.action === "created"}
      count={count}
      canStep={!plain && !isBinary}
      problem={problem}
      force={force}
      busy={busy}
      onStep={onStep}
      onKeep={() => files.turn.keep(path)}
      onUndo={() => void undo()}
    />
  );
}
