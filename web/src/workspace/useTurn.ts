import { useCallback, useMemo, useState } from "react";

/** The turn that runs in the open chat, as far as the parts around the chat need to know. */
export interface RunningTurn {
  sessionId: string;
  turnId: number;
  stopping: boolean;
}

/** Follows the chat's turns by what it tells of them. */
export function useTurn(sessionId: string | null) {
  const [turn, setTurn] = useState<RunningTurn | null>(null);
  /** The vendor's latest message that a turn was made for. */
  const [latest, setLatest] = useState("");
  const [unseen, setUnseen] = useState(false);
  const onTurnStart = useCallback((begun: { sessionId: string; turnId: number }) => {
    setTurn({ ...begun, stopping: false });
    setLatest(`${begun.sessionId}/${begun.turnId}`);
    setUnseen(false);
  }, []);
  const onTurnEnd = useCallback(() => {
    setTurn(null);
    setUnseen(true);
  }, []);
  const stopping = useCallback(() => setTurn((running) => running && { ...running, stopping: true }), []);
  const seen = useCallback(() => setUnseen(false), []);
  // A chat that was left goes on by itself; here another one is shown.
  const running = turn && (sessionId === null || turn.sessionId === sessionId) ? turn : null;
  return useMemo(
    () => ({ running, latest, unseen, onTurnStart, onTurnEnd, stopping, seen }),
    [running, latest, unseen, onTurnStart, onTurnEnd, stopping, seen],
  );
}
