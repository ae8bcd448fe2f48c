import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { createDraftStore, type DraftStore } from "./drafts";

/**
 * The draft of the chat that is shown: `wanted` is the session that was asked for, `open` the one that the chat has.
 * A new chat that gets its session keeps what was typed.
 */
export function useDraft(appId: string, wanted: string | null, open: string | null): DraftStore {
  const draft = useMemo(() => createDraftStore({ appId }), [appId]);
  const shown = useRef<{ draft: DraftStore; sessionId: string | null } | null>(null);
  const sessionId = wanted ?? open;
  useLayoutEffect(() => {
    const before = shown.current;
    if (before?.draft === draft && before.sessionId === sessionId) return;
    const begun = before?.draft === draft && before.sessionId === null && sessionId === open;
    if (begun && sessionId) draft.adopt(sessionId);
    else draft.open(sessionId);
    shown.current = { draft, sessionId };
  }, [draft, sessionId, open]);
  useEffect(() => draft.follow(), [draft]);
  return draft;
}
