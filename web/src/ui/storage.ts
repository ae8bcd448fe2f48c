/** The browser's storage behind one door: blocked or full, it forgets, and never throws. */
export interface Memory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** `localStorage`, or a memory of this page alone where that is blocked; what does not fit is not kept. */
export const storage: Memory = guarded(() => window.localStorage);

/** Reading the property itself throws where cookies are blocked, so it is read once and inside. */
export function guarded(open: () => Memory): Memory {
  const fallback = new Map<string, string>();
  let opened: Memory | null = null;
  try {
    opened = open();
  } catch {
    // Blocked: the page works without.
  }
  return {
    getItem(key) {
      try {
        return opened?.getItem(key) ?? fallback.get(key) ?? null;
      } catch {
        return fallback.get(key) ?? null;
      }
    },
    setItem(key, value) {
      try {
        if (!opened) fallback.set(key, value);
        opened?.setItem(key, value);
      } catch {
        fallback.set(key, value);
      }
    },
    removeItem(key) {
      fallback.delete(key);
      try {
        opened?.removeItem(key);
      } catch {
        // Nothing was kept.
      }
    },
  };
}

/** Calls `listener` when another window has changed what is stored under a key; gives the way to end that. */
export function onStoredElsewhere(listener: (key: string, before: string | null) => void): () => void {
  const onStorage = ({ key, oldValue }: StorageEvent) => {
    if (key !== null) listener(key, oldValue);
  };
  window.addEventListener("storage", onStorage);
  return () => window.removeEventListener("storage", onStorage);
}
