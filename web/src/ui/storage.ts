/** The browser's storage behind one door: blocked or full, it forgets, and never throws. */
export interface Memory {
  getItem(key: string): string | null;
  /** False where it is not kept beyond this page. */
  setItem(key: string, value: string): boolean;
  removeItem(key: string): void;
}

/** `localStorage`, or a memory of this page alone where that is blocked; what does not fit is not kept. */
export const storage: Memory = guarded(() => window.localStorage);

/** The same for this tab alone, as long as it is open. */
export const tabStorage: Memory = guarded(() => window.sessionStorage);

/** Reading the property itself throws where cookies are blocked, so it is read once and inside. */
export function guarded(open: () => Pick<Storage, keyof Memory>): Memory {
  const fallback = new Map<string, string>();
  let opened: Pick<Storage, keyof Memory> | null = null;
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
        if (opened) {
          opened.setItem(key, value);
          return true;
        }
      } catch {
        // Blocked, or there is no room for it.
      }
      fallback.set(key, value);
      return false;
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
