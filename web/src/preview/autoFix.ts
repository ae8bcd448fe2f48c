import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { Problem } from "./model";
import type { PreviewStore } from "./store";

/** How long a problem must last before it is sent: what Claude wrote last may still be on its way. In ms. */
const SETTLE = 700;
/** Files that Claude wrote may come this long after its turn has ended. In ms. */
const LATE_FILES = 3000;

/**
 * Decides when a problem may go to Claude unasked: at most once after each message of the vendor's, and only for
 * what Claude has left. The turn that such a request starts earns no further one, or the two would go on for ever.
 */
export function createAttempts(now: () => number = Date.now) {
  let lastKey: string | null = null;
  let endedAt = 0;
  let armed = false;
  let own = false;
  return {
    turnEnded(turnKey: string): void {
      endedAt = now();
      // The same turn may seem to end more than once, e.g. over a lost connection.
      if (turnKey === lastKey) return;
      lastKey = turnKey;
      armed = !own;
      own = false;
    },
    /** What breaks after the vendor's own edits is theirs to mend. */
    filesChanged(): void {
      if (now() - endedAt > LATE_FILES) armed = false;
    },
    take(problem: Problem): boolean {
      if (!armed || problem.kind === "unresponsive") return false;
      armed = false;
      own = true;
      return true;
    },
  };
}

interface AutoFixOptions {
  store: PreviewStore;
  files: ReadonlyMap<string, string>;
  working: boolean;
  turnKey: string;
  onFix(problem: Problem): void;
}

/** Sends a problem that is left after a turn to Claude by itself, where the vendor has switched that on. */
export function useAutoFix({ store, files, working, turnKey, onFix }: AutoFixOptions): void {
  const [attempts] = useState(() => createAttempts());
  const enabled = useStore(store.view, (state) => state.autoFix);
  const problem = useStore(store.view, (state) => state.problem);
  const running = useRef<string | null>(null);
  const latest = useRef({ files, onFix });

  useEffect(() => {
    if (files !== latest.current.files && !working) attempts.filesChanged();
    latest.current = { files, onFix };
  });
  useEffect(() => {
    // Under another name no turn has ended: another chat is shown, or the turn was stopped.
    if (!working && running.current === turnKey) attempts.turnEnded(turnKey);
    running.current = working ? turnKey : null;
    if (!enabled || working || !problem) return;
    const timer = setTimeout(() => {
      if (attempts.take(problem)) latest.current.onFix(problem);
    }, SETTLE);
    return () => clearTimeout(timer);
  }, [attempts, enabled, working, problem, turnKey]);
}
