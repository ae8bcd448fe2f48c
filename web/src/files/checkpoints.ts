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
  status: "loading" | "ready" | "failed";
  /** Newest first. */
  checkpoints: readonly Checkpoint[];
  /** True where there are earlier ones to ask for. */
  hasMore: boolean;
  error: string | null;
  /** By the checkpoint's revision. */
  undos: ReadonlyMap<number, Undo>;
}

export interface CheckpointsStoreOptions {
  api: Api;
  appId: string;
  /** The files have been brought back: what shows them should look again. */
  onRestored(): void;
}

export type CheckpointsStore = ReturnType<typeof createCheckpointsStore>;

const UNTOUCHED: Undo = { status: "done", undone: false, by: null, text: "" };

/** What each turn and save has changed in an app, and the way back: going back makes a revision, so it can be undone too. */
export function createCheckpointsStore({ api, appId, onRestored }: CheckpointsStoreOptions) {
  const view = createStore<CheckpointsState>(() => ({
    status: "loading",
    checkpoints: [],
    hasMore: false,
    error: null,
    undos: new Map(),
  }));
  const undoOf = (checkpoint: Checkpoint) => view.getState().undos.get(checkpoint.revision) ?? UNTOUCHED;
  const mark = (checkpoint: Checkpoint, change: Partial<Undo>) =>
    view.setState(({ undos }) => ({
      undos: new Map(undos).set(checkpoint.revision, { ...undoOf(checkpoint), text: "", ...change }),
    }));

  /** Brings the newest checkpoints; the earlier ones that were asked for stay. */
  async function load(): Promise<void> {
    try {
      const { checkpoints: newest, hasMore = false } = await api.readCheckpoints(appId);
      const last = newest.at(-1)?.revision ?? 0;
      view.setState(({ checkpoints, hasMore: hadMore }) => {
        const earlier = hasMore ? checkpoints.filter(({ revision }) => revision < last) : [];
        // One that has grown has another revision. Else the known object stays, for what is remembered by it.
        const known = new Map(checkpoints.map((checkpoint) => [checkpoint.revision, checkpoint]));
        return {
          status: "ready",
          error: null,
          checkpoints: [...newest.map((checkpoint) => known.get(checkpoint.revision) ?? checkpoint), ...earlier],
          hasMore: earlier.length > 0 ? hadMore : hasMore,
        };
      });
    } catch (reason) {
      const error = asApiError(reason).message;
      view.setState(({ status }) => ({ status: status === "ready" ? "ready" : "failed", error }));
    }
  }

  async function loadEarlier(): Promise<void> {
    const before = view.getState().checkpoints.at(-1)?.revision;
    try {
      const { checkpoints: earlier, hasMore = false } = await api.readCheckpoints(appId, { before });
      view.setState(({ checkpoints }) => ({ checkpoints: [...checkpoints, ...earlier], hasMore, error: null }));
    } catch (reason) {
      view.setState({ error: asApiError(reason).message });
    }
  }

  /**
   * Undoes the checkpoint's changes, or does them again where they are `undone`, which after a reload only the history
   * of the chat knows; `force` also over later changes.
   */
  async function toggle(checkpoint: Checkpoint, undone: boolean, force = false): Promise<void> {
    const { by } = undoOf(checkpoint);
    const undoing = view.getState().checkpoints.find((other) => other.revision === by);
    const target = undone ? (undoing?.baseRevision ?? checkpoint.revision) : checkpoint.baseRevision;
    mark(checkpoint, { status: "busy", undone });
    try {
      const { revision, changes } = await api.restore(appId, {
        revision: target,
        paths: pathsOf(checkpoint),
        force,
      });
      await load();
      mark(checkpoint, changes.length > 0 ? { status: "done", undone: !undone, by: revision } : { status: "nothing" });
      onRestored();
    } catch (reason) {
      const error = asApiError(reason);
      const path = error.code === "version_conflict" ? asString(error.details.path) : undefined;
      mark(checkpoint, path ? { status: "changed", text: path } : { status: "failed", text: error.message });
    }
  }

  /** Takes back what Claude's latest turn has done to one file. Throws an ApiError. */
  async function undoPath(path: string, force = false): Promise<void> {
    await load();
    const turn = view
      .getState()
      .checkpoints.find(({ author, changes }) => author === "ai" && changes.some((change) => change.path === path));
    if (!turn) return;
    const previous = turn.changes.find((change) => change.path === path)?.previousPath;
    const paths = previous ? [path, previous] : [path];
    await api.restore(appId, { revision: turn.baseRevision, paths, force });
    await load();
    onRestored();
  }

  /** Brings all files back to a revision, as a new one; gives that. Throws an ApiError. */
  async function restoreTo(revision: number): Promise<number> {
    const restored = await api.restore(appId, { revision });
    await load();
    onRestored();
    return restored.revision;
  }

  /** The revision that the app is at, to come back to it. Throws an ApiError. */
  async function latestRevision(): Promise<number> {
    return (await api.listFiles(appId)).revision;
  }

  /** What going back to a revision would change. Throws an ApiError. */
  async function diffToRestore(revision: number): Promise<FileDiff[]> {
    return api.diff(appId, { from: await latestRevision(), to: revision });
  }

  /** What the checkpoint has changed, line by line. Throws an ApiError. */
  async function diff(checkpoint: Checkpoint): Promise<FileDiff[]> {
    const paths = new Set(pathsOf(checkpoint));
    const files = await api.diff(appId, { from: checkpoint.baseRevision, to: checkpoint.revision });
    // Files that somebody else saved meanwhile are between these revisions too.
    return files.filter((file) => paths.has(file.path));
  }

  return { view, load, loadEarlier, toggle, undoPath, restoreTo, latestRevision, diffToRestore, diff };
}

function pathsOf({ changes }: Checkpoint): string[] {
  return [...new Set(changes.flatMap(({ path, previousPath }) => (previousPath ? [path, previousPath] : [path])))];
}
