import { createStore } from "zustand/vanilla";
import { isRecord } from "../api/errors";
import type { Attachment } from "../api/types";
import { isAttachment } from "../attachments/attachment";
import { onReturn } from "../ui/onReturn";
import { type Memory, onStoredElsewhere, storage } from "../ui/storage";
import { type Reference, sameReference } from "./references";

/** What is being written and not sent yet. */
export interface Draft {
  text: string;
  references: readonly Reference[];
  /** The uploads that go along, all of them complete. */
  attachments: readonly Attachment[];
}

/** What a message was that has come back because it could not be sent. */
interface Returned {
  id: string;
  text: string;
  attachments?: readonly Attachment[];
}

export interface DraftView extends Draft {
  returned: Returned | null;
  /** Which draft this is, among all of the browser's. */
  place: string;
}

export interface DraftStoreOptions {
  appId: string;
  memory?: Memory;
  onChangedElsewhere?: typeof onStoredElsewhere;
}

export type DraftStore = ReturnType<typeof createDraftStore>;

const EMPTY: Draft = { text: "", references: [], attachments: [] };

/** The message box of one app: each chat has its own draft, a new chat too, and all windows show the same one. */
export function createDraftStore(options: DraftStoreOptions) {
  const { appId, memory = storage, onChangedElsewhere = onStoredElsewhere } = options;
  const keyOf = (sessionId: string | null) => `draft:${appId}:${sessionId ?? "new"}`;
  let key = keyOf(null);
  const view = createStore<DraftView>(() => ({ ...EMPTY, returned: null, place: key }));
  /** What was stored when this window last looked. */
  let seen: string | null = null;
  let moved: (from: string, to: string | null) => void = () => undefined;
  /** An example that nobody has changed yet, which another may replace. */
  let example: string | null = null;

  function load(): void {
    seen = memory.getItem(key);
    view.setState({ ...parse(seen), returned: null, place: key });
  }

  function change(to: Partial<DraftView>): void {
    view.setState(to);
    const stored = memory.getItem(key);
    if (stored !== seen) {
      // Another window wrote into the same box, unseen here: both are kept.
      const other = parse(stored);
      const { text, attachments } = view.getState();
      const more = other.text.trim();
      if (more !== "" && !text.includes(more)) view.setState({ text: joined(text, more) });
      view.setState({ attachments: united(attachments, other.attachments) });
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
      const { text, references, attachments, returned } = view.getState();
      const from = key;
      memory.removeItem(key);
      key = keyOf(sessionId);
      seen = memory.getItem(key);
      moved(from, key);
      change({ text, references, attachments, returned, place: key });
    },

    /** Calls `listener` when the new chat's draft becomes that of its session, and, with null, when one is forgotten. */
    onMove(listener: typeof moved): void {
      moved = listener;
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

    /**
     * A file has been uploaded for the draft at a place, which need not be the one that is shown by now. It goes
     * before the first of `later`, which were picked after it.
     */
    addUpload(attachment: Attachment, place: string, later: ReadonlySet<string>): void {
      const draft = place === key ? view.getState() : parse(memory.getItem(place));
      const next = draft.attachments.findIndex(({ uploadId }) => later.has(uploadId));
      const attachments = draft.attachments.toSpliced(next === -1 ? Infinity : next, 0, attachment);
      if (place === key) change({ attachments });
      else memory.setItem(place, JSON.stringify({ ...draft, attachments }));
    },

    removeUpload(uploadId: string): void {
      change({ attachments: view.getState().attachments.filter((other) => other.uploadId !== uploadId) });
    },

    /** An example goes into an empty box, or under what was typed. */
    suggest(suggested: string): void {
      const { text } = view.getState();
      change({ text: text.trim() === "" || text === example ? suggested : joined(text, suggested) });
      example = view.getState().text === suggested ? suggested : null;
    },

    /** A message that could not be sent goes back into an empty box; false where there is newer text. */
    giveBack(message: Returned): boolean {
      const { text: typed, references, attachments } = view.getState();
      if (typed.trim() !== "" || references.length > 0 || attachments.length > 0) return false;
      change({ text: message.text, attachments: message.attachments ?? [], returned: message });
      return true;
    },

    /** An unsent message is to be changed: it goes in front of what was typed. */
    edit(text: string, attachments: readonly Attachment[] = []): void {
      const draft = view.getState();
      change({ text: joined(text, draft.text), attachments: united(attachments, draft.attachments) });
    },

    /** Empties the box; gives what was in it, with the id that it had if it was tried before. */
    take(): Draft & { id: string | undefined } {
      const { text, references, attachments, returned } = view.getState();
      const isSame = returned?.text === text && sameUploads(returned.attachments ?? [], attachments);
      example = null;
      change({ ...EMPTY, returned: null });
      return { text, references, attachments, id: isSame ? returned.id : undefined };
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
      moved(keyOf(sessionId), null);
      memory.removeItem(keyOf(sessionId));
    },
  };
}

function joined(above: string, below: string): string {
  return [above.trimEnd(), below].filter((part) => part.trim() !== "").join("\n\n");
}

function united(some: readonly Attachment[], others: readonly Attachment[]): readonly Attachment[] {
  const added = others.filter(({ uploadId }) => !some.some((one) => one.uploadId === uploadId));
  return added.length === 0 ? some : [...some, ...added];
}

function sameUploads(some: readonly Attachment[], others: readonly Attachment[]): boolean {
  return some.length === others.length && some.every(({ uploadId }, at) => uploadId === others[at]?.uploadId);
}

function serialize({ text, references, attachments }: Draft): string | null {
  const isEmpty = text === "" && references.length === 0 && attachments.length === 0;
  return isEmpty ? null : JSON.stringify({ text, references, attachments });
}

function parse(stored: string | null): Draft {
  try {
    const found: unknown = JSON.parse(stored ?? "null");
    if (!isRecord(found)) return EMPTY;
    return {
      text: typeof found.text === "string" ? found.text : "",
      references: Array.isArray(found.references) ? found.references.filter(isReference) : [],
      attachments: Array.isArray(found.attachments) ? found.attachments.filter(isAttachment) : [],
    };
  } catch {
    return EMPTY;
  }
}

function isReference(value: unknown): value is Reference {
  return isRecord(value) && typeof value.label === "string" && /^(file|selection|element)$/.test(String(value.kind));
}
