import { createContext } from "react";
import type { TurnChanges, TurnOfChat } from "./changes";
import type { ChatMessage } from "./model";

/** A turn that has changed files and not been undone since. */
export interface FollowingTurn extends TurnOfChat {
  paths: string[];
}

type TurnsFrom = (message: ChatMessage, changes: TurnChanges, sessionId: string) => FollowingTurn[];

/** How one message finds the turns that are replaced with it, newest first, without being drawn anew with each. */
export const FollowingTurnsContext = createContext<TurnsFrom>(() => []);

export function followingTurns(
  messages: ChatMessage[],
  { turnId: from }: ChatMessage,
  changes: TurnChanges,
  sessionId: string,
): FollowingTurn[] {
  const turns = messages.flatMap(({ turnId, fileChanges, undone = false }) => {
    if (from === undefined || turnId === undefined || turnId < from || fileChanges.length === 0) return [];
    const known = changes.of({ sessionId, turnId });
    return known && !(known.undone ?? undone)
      ? [{ sessionId, turnId, paths: fileChanges.map(({ path }) => path) }]
      : [];
  });
  return turns.reverse();
}

/** Undoes turns one after the other; gives what stood in the way, or nothing. */
export async function undoAll(turns: FollowingTurn[], changes: TurnChanges): Promise<string> {
  for (const turn of turns) {
    await changes.toggle(turn, false);
    const { status = "ready", text = "" } = changes.of(turn) ?? {};
    if (status === "changed")
      return `${text} was changed since, so it stays as it is. Send without undoing, or undo it yourself.`;
    if (status === "failed") return text;
  }
  return "";
}
