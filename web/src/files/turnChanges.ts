import type { Checkpoint, FileDiff } from "../api/types";
import type { TurnChange, TurnChanges, TurnOfChat } from "../chat/changes";
import type { CheckpointsStore, Undo } from "./checkpoints";

/** What the turns of a chat have changed, as the app's checkpoints tell it. */
export function turnChanges(checkpoints: CheckpointsStore): TurnChanges {
  const { view } = checkpoints;
  const known = new Map<number, { checkpoint: Checkpoint; undo: Undo | undefined; change: TurnChange }>();
  const checkpointOf = ({ sessionId, turnId }: TurnOfChat) =>
    view.getState().checkpoints.find((one) => one.turnId === turnId && one.sessionId === sessionId);

  function of(turn: TurnOfChat): TurnChange | undefined {
    const checkpoint = checkpointOf(turn);
    if (!checkpoint) return undefined;
    const undo = view.getState().undos.get(checkpoint.revision);
    const before = known.get(checkpoint.revision);
    if (before?.checkpoint === checkpoint && before.undo === undo) return before.change;
    const change: TurnChange = {
      files: checkpoint.changes,
      undone: undo?.undone,
      status: !undo || undo.status === "done" ? "ready" : undo.status,
      text: undo?.text ?? "",
    };
    known.set(checkpoint.revision, { checkpoint, undo, change });
    return change;
  }

  async function toggle(turn: TurnOfChat, undone: boolean, force = false): Promise<void> {
    const checkpoint = checkpointOf(turn);
    if (checkpoint) await checkpoints.toggle(checkpoint, undone, force);
  }

  async function diff(turn: TurnOfChat, path?: string): Promise<FileDiff[]> {
    const checkpoint = checkpointOf(turn);
    const files = checkpoint ? await checkpoints.diff(checkpoint) : [];
    return path === undefined ? files : files.filter((file) => file.path === path);
  }

  return { subscribe: view.subscribe, of, refresh: () => void checkpoints.load(), toggle, diff };
}
