import { createStore } from "zustand/vanilla";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { Attachment } from "../api/types";
import { type Memory, tabStorage } from "../ui/storage";
import { ATTACHMENT_LIMIT, noteOf, Refusal } from "./attachment";
import type { Pictures } from "./pictures";
import type { Uploading } from "./uploading";

/** A file on its way. */
export interface PendingFile {
  key: number;
  /** The draft that it belongs to. */
  place: string;
  file: File;
  /** The part that has left, from 0 to 1; null while it is being prepared. */
  progress: number | null;
  /** Why it is not on its way any more. */
  problem?: string | undefined;
}

/** A sentence about the files of a draft. */
export interface Remark {
  key: number;
  place: string;
  sentence: string;
}

export interface TrayView {
  pending: readonly PendingFile[];
  /** Why files were not taken. */
  refused: readonly Remark[];
  /** Why uploads of drafts cannot go along, by their ids. */
  problems: Readonly<Record<string, string>>;
  /** What has just happened, for those who do not see it. */
  said: Remark | null;
}

/** The draft that uploads go to. */
export interface Target {
  view: { getState(): { place: string; attachments: readonly Attachment[] } };
  addUpload(attachment: Attachment, place: string, later: ReadonlySet<string>): void;
}

interface TrayOptions {
  api: Api;
  appId: string;
  draft: Target;
  pictures: Pictures;
  /** Remembers, for this tab alone, what was on its way. */
  memory?: Memory;
  /** Loads what prepares and uploads files. */
  load?(): Promise<typeof import("./uploading")>;
}

export type Tray = ReturnType<typeof createTray>;

/**
 * The files of the message box, from being picked to being uploaded. What is uploaded belongs to the draft. A file is
 * on its way, to the draft that is shown, from the moment it is added; what does the work is loaded with the first one.
 */
export function createTray(options: TrayOptions) {
  const { api, appId, draft, pictures, memory = tabStorage, load = () => import("./uploading") } = options;
  const view = createStore<TrayView>(() => ({ pending: [], refused: [], problems: {}, said: null }));
  const transfers = new Map<number, AbortController>();
  let lastKey = 0;
  /** Which upload came of which file: the last to arrive may have been picked first. */
  const keys = new Map<string, number>();
  let uploading: Promise<Uploading> | null = null;

  const find = (key: number) => view.getState().pending.find((one) => one.key === key);
  const remark = (place: string, sentence: string): Remark => ({ key: ++lastKey, place, sentence });

  function setPending(pending: readonly PendingFile[], more: Partial<TrayView> = {}): void {
    const places = new Set([...view.getState().pending, ...pending].map(({ place }) => place));
    view.setState({ pending, ...more });
    for (const place of places) {
      const names = pending.filter((one) => one.place === place).map(({ file }) => file.name);
      if (names.length > 0) memory.setItem(noteOf(place), JSON.stringify(names));
      else memory.removeItem(noteOf(place));
    }
  }

  function change(key: number, to: Partial<PendingFile>, more: Partial<TrayView> = {}): void {
    const pending = view.getState().pending.map((one) => (one.key === key ? { ...one, ...to } : one));
    view.setState({ pending, ...more });
  }

  function drop(key: number, more: Partial<TrayView> = {}): void {
    setPending(
      view.getState().pending.filter((one) => one.key !== key),
      more,
    );
  }

  function loaded(): Promise<Uploading> {
    uploading ??= load().then(
      ({ createUploading }) => createUploading(api, appId),
      () => {
        uploading = null;
        throw new Unloaded("What uploads files could not be loaded. Try again, or reload the page.");
      },
    );
    return uploading;
  }

  async function start({ key, file }: PendingFile): Promise<void> {
    const transfer = new AbortController();
    transfers.set(key, transfer);
    const { signal } = transfer;
    const onProgress = (progress: number) => change(key, { progress });
    try {
      const { upload } = await loaded();
      const { attachment, bytes } = await upload(file, { signal, onProgress });
      const place = find(key)?.place;
      if (signal.aborted || place === undefined) return;
      pictures.keep(attachment.uploadId, bytes);
      drop(key, { said: remark(place, `${attachment.name} is attached.`) });
      keys.set(attachment.uploadId, key);
      const later = [...keys].flatMap(([uploadId, other]) => (other > key ? [uploadId] : []));
      draft.addUpload(attachment, place, new Set(later));
    } catch (reason) {
      if (!signal.aborted) failed(key, reason);
    } finally {
      if (transfers.get(key) === transfer) transfers.delete(key);
    }
  }

  function failed(key: number, reason: unknown): void {
    const file = find(key);
    if (!file) return;
    const { place } = file;
    const { message: sentence } = reason instanceof Refusal || reason instanceof Unloaded ? reason : asApiError(reason);
    if (reason instanceof Refusal) drop(key, { refused: [...view.getState().refused, remark(place, sentence)] });
    else change(key, { problem: sentence }, { said: remark(place, `${file.file.name}: ${sentence}`) });
  }

  function mark({ uploadId, name }: Attachment, problem: string): void {
    const { problems } = view.getState();
    if (problems[uploadId] === problem) return;
    const { place } = draft.view.getState();
    view.setState({
      problems: { ...problems, [uploadId]: problem },
      said: remark(place, `${name}: ${problem}`),
    });
  }

  function remove(key: number): void {
    transfers.get(key)?.abort();
    drop(key);
  }

  const elsewhere = (place: string) => view.getState().refused.filter((one) => one.place !== place);

  return {
    view,

    /** Takes files for the draft that is shown, as many as a message may have. */
    add(files: readonly File[]): void {
      const { place, attachments } = draft.view.getState();
      const { pending } = view.getState();
      const room = ATTACHMENT_LIMIT - attachments.length - pending.filter((one) => one.place === place).length;
      const taken = files.slice(0, Math.max(0, room));
      const left = files.slice(taken.length).map(({ name }) => name);
      const added = taken.map((file) => ({ key: ++lastKey, place, file, progress: null }));
      const refused = elsewhere(place);
      if (left.length > 0) {
        const sentence = `At most ${ATTACHMENT_LIMIT} files go with one message: ${left.join(", ")} left out.`;
        refused.push(remark(place, sentence));
      }
      setPending([...pending, ...added], { refused });
      for (const file of added) void start(file);
    },

    retry(key: number): void {
      const file = find(key);
      if (file?.problem === undefined) return;
      change(key, { problem: undefined, progress: null });
      void start(file);
    },

    remove,

    /** The sentences about a draft have been read. */
    dismiss: (place: string) => view.setState({ refused: elsewhere(place) }),

    /** Looks which of these uploads cannot go along any more, and says so. */
    check(uploads: readonly Attachment[]): void {
      for (const one of uploads) {
        loaded()
          .then(({ problemOf }) => problemOf(one.uploadId))
          .then((problem) => problem && mark(one, problem))
          // Who sends the message again is told again.
          .catch(() => undefined);
      }
    },

    /** An upload cannot go along any more. */
    mark,

    /** A draft is shown: says what was on its way to it when the page was left. */
    show(place: string): void {
      if (view.getState().pending.some((one) => one.place === place)) return;
      const left = namesIn(memory.getItem(noteOf(place))).map((name) =>
        remark(place, `The upload of ${name} was interrupted. Attach it again.`),
      );
      memory.removeItem(noteOf(place));
      if (left.length > 0) view.setState({ refused: [...view.getState().refused, ...left] });
    },

    /** A draft has moved, and what is on its way to it follows; to null, where it is gone, and they with it. */
    move(from: string, to: string | null): void {
      const { pending, refused } = view.getState();
      if (to === null) {
        for (const one of pending) if (one.place === from) remove(one.key);
        return;
      }
      const moved = <T extends { place: string }>(one: T): T => (one.place === from ? { ...one, place: to } : one);
      setPending(pending.map(moved), { refused: refused.map(moved) });
    },

    /** Ends what is on its way. */
    close(): void {
      for (const transfer of transfers.values()) transfer.abort();
    },
  };
}

/** What does the work is not there. */
class Unloaded extends Error {}

function namesIn(stored: string | null): string[] {
  try {
    const names: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}
