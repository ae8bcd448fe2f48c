import { createStore } from "zustand/vanilla";
import type { Api } from "../api/client";
import { asApiError, asString } from "../api/errors";
import type { Checkpoint, FileDiff } from "../api/types";

/** How far the undoing of one checkpoint has come. */
export interface Undo {
  status: "busy" | "done" | "nothing" | "changed" | "failed";
  /** True where the checkpoint's changes are undone at present, so that the next step is to redo them. */
  undone: boolean;
  /** The revision that undid them. */
  by: number | null;
  /** What the vendor should know: the file that was changed since, or what went wrong. */
  text: string;
}

export interface CheckpointsState {
  checkpoints: Checkpoint[];
  /** By the checkpoint's revision. */
  undos: Record<number, Undo>;
}

export interface CheckpointsStoreOptions {
  api: Api;
  appId: string;
  /** The files have been brought back: what shows them should look again. */
  onRestored(): void;
}

export type CheckpointsStore = ReturnType<typeof createCheckpointsStore>;

const UNTOUCHED: Undo = { status: "done", undone: false, by: null, text: "" };

/** What each turn has changed in an app, and the way back: undoing makes a revision, so it can be undone too. */
export function createCheckpointsStore({ api, appId, onRestored }: CheckpointsStoreOptions) {
  const view = createStore<CheckpointsState>(() => ({ checkpoints: [], undos: {} }));
  const undoOf = (checkpoint: Checkpoint) => view.getState().undos[checkpoint.revision] ?? UNTOUCHED;
  const mark = (checkpoint: Checkpoint, change: Partial<Undo>) =>
    view.setState(({ undos }) => ({
      undos: { ...undos, [checkpoint.revision]: { ...undoOf(checkpoint), text: "", ...change } },
    }));

  async function load(): Promise<void> {
    try {
      view.setState({ checkpoints: await api.listCheckpoints(appId) });
    } catch {
      // Without them the chat is as good as before, but for the line counts and the way back.
    }
  }

  /** Undoes the checkpoint's changes, or does them again where they are undone; `force` also over later changes. */
  async function toggle(checkpoint: Checkpoint, force = false): Promise<void> {
    const { undone, by } = undoOf(checkpoint);
    const undoing = view.getState().checkpoints.find((other) => other.revision === by);
    const { baseRevision } = undone && undoing ? undoing : checkpoint;
    mark(checkpoint, { status: "busy" });
    try {
      const paths = checkpoint.changes.map((change) => change.path);
      const { revision, changes } = await api.restore(appId, { revision: baseRevision, paths, force });
      await load();
      mark(checkpoint, changes.length > 0 ? { status: "done", undone: !undone, by: revision } : { status: "nothing" });
      onRestored();
    } catch (reason) {
      const error = asApiError(reason);
      const path = error.code === "version_conflict" ? asString(error.details.path) : undefined;
      mark(checkpoint, path ? { status: "changed", text: path } : { status: "failed", text: error.message });
    }
  }

  /** What the checkpoint has changed, line by line. Throws an ApiError. */
  async function diff({ baseRevision, revision, changes }: Checkpoint): Promise<FileDiff[]> {
    const paths = new Set(changes.map((change) => change.path));
    const files = await api.diff(appId, { from: baseRevision, to: revision });
    // Files that somebody else saved meanwhile are between these revisions too.
    return files.filter((file) => paths.has(file.path));
  }

  return { view, load, toggle, diff };
}
