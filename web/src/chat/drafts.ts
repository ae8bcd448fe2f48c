import { createStore } from "zustand/vanilla";
import { isRecord } from "../api/errors";
import { onReturn } from "../ui/onReturn";
import { type Memory, onStoredElsewhere, storage } from "../ui/storage";
import { type Reference, sameReference } from "./references";

/** What is being written and not sent yet. */
export interface Draft {
  text: string;
  references: readonly Reference[];
}

export interface DraftView extends Draft {
  /** The message that this text was already, where it has come back because it could not be sent. */
  returned: { id: string; text: string } | null;
}

export interface DraftStoreOptions {
  appId: string;
  memory?: Memory;
  onChangedElsewhere?: typeof onStoredElsewhere;
}

export type DraftStore = ReturnType<typeof createDraftStore>;

const EMPTY: DraftView = { text: "", references: [], returned: null };

/** The message box of one app: each chat has its own draft, a new chat too, and all windows show the same one. */
export function createDraftStore(options: DraftStoreOptions) {
  const { appId, memory = storage, onChangedElsewhere = onStoredElsewhere } = options;
  const view = createStore<DraftView>(() => EMPTY);
  const keyOf = (sessionId: string | null) => `draft:${appId}:${sessionId ?? "new"}`;
  let key = keyOf(null);
  /** What was stored when this window last looked. */
  let seen: string | null = null;
  /** An example that nobody has changed yet, which another may replace. */
  let example: string | null = null;

  function load(): void {
    seen = memory.getItem(key);
    view.setState({ ...parse(seen), returned: null });
  }

  function change(to: Partial<DraftView>): void {
    view.setState(to);
    const stored = memory.getItem(key);
    if (stored !== seen) {
      // Another window wrote into the same box, unseen here: both are kept.
      const other = parse(stored).text.trim();
      const { text } = view.getState();
      if (other !== "" && !text.includes(other)) view.setState({ text: joined(text, other) });
    }
    seen = serialize(view.getState());
    if (seen === null) memory.removeItem(key);
    else memory.setItem(key, seen);
  }

  return {
    view,

    /** Shows the draft of a chat; null is the chat that has not begun yet. */
    open(sessionId: string | null): void {
      key = keyOf(sessionId);
      load();
    },

    /** The new chat has got its session, and takes along what was typed meanwhile. */
    adopt(sessionId: string): void {
      const { text, references, returned } = view.getState();
      memory.removeItem(key);
      key = keyOf(sessionId);
      seen = memory.getItem(key);
      change({ text, references, returned });
    },

    write: (text: string) => change({ text }),

    attach(reference: Reference): void {
      const { references } = view.getState();
      if (!references.some((other) => sameReference(other, reference))) {
        change({ references: [...references, reference] });
      }
    },

    detach(reference: Reference): void {
      change({ references: view.getState().references.filter((other) => other !== reference) });
    },

    /** An example goes into an empty box, or under what was typed. */
    suggest(suggested: string): void {
      const { text } = view.getState();
      change({ text: text.trim() === "" || text === example ? suggested : joined(text, suggested) });
      example = view.getState().text === suggested ? suggested : null;
    },

    /** A message that could not be sent goes back into an empty box; false where there is newer text. */
    giveBack({ id, text }: { id: string; text: string }): boolean {
      const { text: typed, references } = view.getState();
      if (typed.trim() !== "" || references.length > 0) return false;
      change({ text, returned: { id, text } });
      return true;
    },

    /** An unsent message is to be changed: it goes in front of what was typed. */
    edit(text: string): void {
      change({ text: joined(text, view.getState().text) });
    },

    /** Empties the box; gives what was in it, with the id that it had if it was tried before. */
    take(): Draft & { id: string | undefined } {
      const { text, references, returned } = view.getState();
      example = null;
      change(EMPTY);
      return { text, references, id: returned?.text === text ? returned.id : undefined };
    },

    /** Follows what other windows do to the same draft, until the returned function is called. */
    follow(): () => void {
      const forget = onChangedElsewhere((changed, before) => {
        // Only over what this window shows; what it does not show was typed here.
        if (changed === key && before === seen) load();
      });
      // A window that slept has heard nothing.
      const leave = onReturn(() => memory.getItem(key) !== seen && load());
      return () => {
        forget();
        leave();
      };
    },

    /** Forgets the draft of a chat that is gone. */
    forget(sessionId: string): void {
      memory.removeItem(keyOf(sessionId));
    },
  };
}

function joined(above: string, below: string): string {
  return [above.trimEnd(), below].filter((part) => part.trim() !== "").join("\n\n");
}

function serialize({ text, references }: Draft): string | null {
  return text === "" && references.length === 0 ? null : JSON.stringify({ text, references });
}

function parse(stored: string | null): Draft {
  try {
    const found: unknown = JSON.parse(stored ?? "null");
    if (!isRecord(found)) return EMPTY;
    return {
      text: typeof found.text === "string" ? found.text : "",
      references: Array.isArray(found.references) ? found.references.filter(isReference) : [],
    };
  } catch {
    return EMPTY;
  }
}

function isReference(value: unknown): value is Reference {
  return isRecord(value) && typeof value.label === "string" && /^(file|selection|element)$/.test(String(value.kind));
}
