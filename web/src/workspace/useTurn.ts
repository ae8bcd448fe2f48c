import { useCallback, useMemo, useState } from "react";
import type { ChatMessage } from "../chat/model";

/** The turn that runs in the open chat, as far as the parts around the chat need to know. */
export interface RunningTurn {
  sessionId: string;
  turnId: number;
  stopping: boolean;
}

/** Follows the chat's turns by what it tells of them. */
export function useTurn(sessionId: string | null) {
  const [turn, setTurn] = useState<RunningTurn | null>(null);
  /** Names the latest turn, as long as it runs or has run to its end. */
  const [latest, setLatest] = useState("");
  const [unseen, setUnseen] = useState(false);
  /** The chat whose turn waits for the vendor. */
  const [waits, setWaits] = useState<string | null>(null);
  const onTurnStart = useCallback((begun: { sessionId: string; turnId: number }) => {
    setTurn({ ...begun, stopping: false });
    setLatest(`${begun.sessionId}/${begun.turnId}`);
    setUnseen(false);
    setWaits(null);
  }, []);
  const onTurnWaiting = useCallback((waiting: { sessionId: string }) => {
    setTurn(null);
    setWaits(waiting.sessionId);
  }, []);
  const onTurnEnd = useCallback(({ status }: { status: ChatMessage["status"] }) => {
    setTurn(null);
    setWaits(null);
    if (status !== "complete") setLatest("");
    setUnseen(true);
  }, []);
  const stopping = useCallback(() => setTurn((running) => running && { ...running, stopping: true }), []);
  const seen = useCallback(() => setUnseen(false), []);
  // A chat that was left goes on by itself; here another one is shown.
  const running = turn && (sessionId === null || turn.sessionId === sessionId) ? turn : null;
  const named = sessionId === null || latest.startsWith(`${sessionId}/`) ? latest : "";
  const isWaiting = waits !== null && waits === sessionId;
  return useMemo(
    () => ({ running, latest: named, unseen, isWaiting, onTurnStart, onTurnWaiting, onTurnEnd, stopping, seen }),
    [running, named, unseen, isWaiting, onTurnStart, onTurnWaiting, onTurnEnd, stopping, seen],
  );
}
