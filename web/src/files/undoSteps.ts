import { createStore } from "zustand/vanilla";
import type { Checkpoint } from "../api/types";
import type { CheckpointsStore } from "./checkpoints";
import type { FilesStore } from "./store";

export interface UndoStepsState {
  /** How many changes are undone at present; that many can be redone. */
  undone: number;
  canUndo: boolean;
  busy: boolean;
  /** What went wrong, in words. */
  problem: string | null;
}

export type UndoSteps = ReturnType<typeof createUndoSteps>;

/**
 * Undo and Redo for the whole app, one answer or save at a time. Each step brings all files to an earlier revision, as a
 * new one, so that nothing is ever lost. A change by anybody else ends the row of steps.
 */
export function createUndoSteps(files: FilesStore, checkpoints: CheckpointsStore) {
  const view = createStore<UndoStepsState>(() => ({ undone: 0, canUndo: false, busy: false, problem: null }));
  /** The changes that can be undone, newest first, as they were when the first one was. */
  let row: readonly Checkpoint[] = [];
  /** The revision that the latest step has made. */
  let reached: number | null = null;

  files.view.subscribe(({ revision }) => {
    if (view.getState().busy) return;
    // Revisions only grow: a lower one is what was known before the latest step.
    if (reached !== null && revision <= reached) return;
    row = [];
    reached = revision;
    view.setState({ undone: 0, canUndo: revision > 0, problem: null });
  });

  async function step(by: 1 | -1): Promise<void> {
    const { busy, undone } = view.getState();
    if (busy) return;
    view.setState({ busy: true, problem: null });
    try {
      if (undone === 0) {
        await checkpoints.load();
        row = checkpoints.view.getState().checkpoints;
      }
      const target = targetOf(undone + by);
      if (target === undefined) return;
      reached = await checkpoints.restoreTo(target);
      view.setState({ undone: undone + by, canUndo: undone + by < row.length });
    } catch {
      view.setState({ problem: "That could not be undone. Try again." });
    } finally {
      view.setState({ busy: false });
    }
  }

  /** The revision in which so many changes are undone. */
  function targetOf(undone: number): number | undefined {
    return undone === 0 ? row[0]?.revision : row[undone - 1]?.baseRevision;
  }

  return {
    view,
    undo: () => step(1),
    redo: async () => {
      if (view.getState().undone > 0) await step(-1);
    },
  };
}
