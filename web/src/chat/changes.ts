import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import type { FileAction, FileDiff } from "../api/types";

/** One turn of one chat. */
export interface TurnOfChat {
  sessionId: string;
  turnId: number;
}

export interface ChangedFile {
  path: string;
  previousPath?: string;
  action: FileAction;
  /** Absent where the lines were not counted. */
  additions?: number;
  deletions?: number;
}

/** What is known of the changes of one turn. The same object as long as nothing of it has changed. */
export interface TurnChange {
  files: ChangedFile[];
  /**
   * True where they are undone at present, so that the next step is to redo them; absent where this page has not
   * touched them, and the history of the chat knows.
   */
  undone?: boolean;
  /** How the latest undo or redo stands; `changed` says that somebody has changed a file since. */
  status: "ready" | "busy" | "nothing" | "changed" | "failed";
  /** What the vendor should know: the file that was changed since, or what went wrong. */
  text: string;
}

/** By this the chat learns what its turns have changed, and takes it back. It knows nothing of how files are kept. */
export interface TurnChanges {
  /** Calls `changed` whenever `of` may give something else; the function that it gives ends that. */
  subscribe(changed: () => void): () => void;
  /** Undefined for a turn that has changed nothing, or of which nothing is known (yet). */
  of(turn: TurnOfChat): TurnChange | undefined;
  /** There are turns whose changes may not be known yet. */
  refresh(): void;
  /** Undoes what the turn has changed, or redoes what is `undone`; with `force` also over later changes. */
  toggle(turn: TurnOfChat, undone: boolean, force?: boolean): Promise<void>;
  /** The lines that the turn has changed, of one file or of all. Throws an ApiError. */
  diff(turn: TurnOfChat, path?: string): Promise<FileDiff[]>;
}

/** What the answers of a chat need in order to show and take back their changes. */
export interface ChangesOfChat {
  changes: TurnChanges;
  sessionId: string | null;
  /** False while a turn is running, which would not expect its files to change. */
  enabled: boolean;
}

export const ChangesContext = createContext<ChangesOfChat | null>(null);

const NEVER = () => () => {};

/** What is known of a turn's changes, kept up to date; undefined outside a chat that can tell. */
export function useTurnChange(turnId: number | undefined): TurnChange | undefined {
  const known = useContext(ChangesContext);
  const changes = known?.changes;
  const sessionId = known?.sessionId;
  const read = useCallback(
    () => (changes && sessionId && turnId !== undefined ? changes.of({ sessionId, turnId }) : undefined),
    [changes, sessionId, turnId],
  );
  return useSyncExternalStore(changes?.subscribe ?? NEVER, read);
}
