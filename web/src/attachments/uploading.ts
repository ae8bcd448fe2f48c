import type { StoreApi } from "zustand/vanilla";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { Memory } from "../ui/storage";
import { ATTACHMENT_LIMIT, noteOf, Refusal } from "./attachment";
import type { Pictures } from "./pictures";
import { type Prepared, prepare } from "./prepare";
import type { PendingFile, Target, TrayView } from "./tray";
import { upload } from "./upload";

interface UploadingOptions {
  api: Api;
  appId: string;
  draft: Target;
  pictures: Pictures;
  memory: Memory;
  view: StoreApi<TrayView>;
}

export type Uploading = ReturnType<typeof createUploading>;

/** Prepares files and uploads them, each in its own time, and shows in `view` how far they are. */
export function createUploading({ api, appId, draft, pictures, memory, view }: UploadingOptions) {
  const transfers = new Map<number, AbortController>();
  let lastKey = 0;
  /** Which upload came of which file: the last to arrive may have been picked first. */
  const keys = new Map<string, number>();
  /** Pictures are scaled one after the other: several at once would fill a phone's memory. */
  let preparing: Promise<unknown> = Promise.resolve();

  const find = (key: number) => view.getState().pending.find((one) => one.key === key);

  function setPending(pending: readonly PendingFile[], more: Partial<TrayView> = {}): void {
    const places = new Set([...view.getState().pending, ...pending].map(({ place }) => place));
    view.setState({ pending, ...more });
    for (const place of places) {
      const names = pending.filter((one) => one.place === place).map(({ file }) => file.name);
      if (names.length > 0) memory.setItem(noteOf(place), JSON.stringify(names));
      else memory.removeItem(noteOf(place));
    }
  }

  function change(key: number, to: Partial<PendingFile>): void {
    view.setState(({ pending }) => ({ pending: pending.map((one) => (one.key === key ? { ...one, ...to } : one)) }));
  }

  function drop(key: number, more: Partial<TrayView> = {}): void {
    setPending(
      view.getState().pending.filter((one) => one.key !== key),
      more,
    );
  }

  async function start(key: number, file: File): Promise<void> {
    const transfer = new AbortController();
    transfers.set(key, transfer);
    const { signal } = transfer;
    let prepared: Prepared | null = null;
    try {
      const turn = preparing.then(() => (signal.aborted ? null : prepare(file)));
      preparing = turn.catch(() => undefined);
      prepared = await turn;
      if (!prepared) return;
      const onProgress = (progress: number) => change(key, { progress });
      const attachment = await upload(api, appId, prepared, { signal, onProgress });
      const place = find(key)?.place;
      if (signal.aborted || place === undefined) return;
      pictures.keep(attachment.uploadId, prepared.bytes);
      drop(key, { said: `${attachment.name} is attached.` });
      keys.set(attachment.uploadId, key);
      const later = [...keys].flatMap(([uploadId, other]) => (other > key ? [uploadId] : []));
      draft.addUpload(attachment, place, new Set(later));
    } catch (reason) {
      if (signal.aborted) return;
      if (reason instanceof Refusal && !prepared) {
        return drop(key, { refused: [...view.getState().refused, reason.message] });
      }
      const { status, message } =
        reason instanceof Refusal ? { status: 400, message: reason.message } : asApiError(reason);
      change(key, { problem: message, canRetry: status !== 400 && status !== 413 });
    } finally {
      if (transfers.get(key) === transfer) transfers.delete(key);
    }
  }

  return {
    add(files: readonly File[]): void {
      const { place, attachments } = draft.view.getState();
      const { pending } = view.getState();
      const room = ATTACHMENT_LIMIT - attachments.length - pending.filter((one) => one.place === place).length;
      const taken = files.slice(0, Math.max(0, room));
      const left = files.slice(taken.length).map(({ name }) => name);
      const added = taken.map((file) => ({ key: ++lastKey, place, file, progress: 0 }));
      const refused =
        left.length > 0 ? [`At most ${ATTACHMENT_LIMIT} files go with one message: ${left.join(", ")} left out.`] : [];
      setPending([...pending, ...added], { refused });
      for (const { key, file } of added) void start(key, file);
    },

    retry(key: number): void {
      const failed = find(key);
      if (failed?.problem === undefined) return;
      change(key, { problem: undefined, progress: 0 });
      void start(key, failed.file);
    },

    remove(key: number): void {
      transfers.get(key)?.abort();
      drop(key);
    },

    show(place: string): void {
      const mine = view.getState().pending.some((one) => one.place === place);
      const names = mine ? [] : namesIn(memory.getItem(noteOf(place)));
      if (!mine) memory.removeItem(noteOf(place));
      view.setState({ refused: names.map((name) => `The upload of ${name} was interrupted. Attach it again.`) });
    },

    move(from: string, to: string): void {
      setPending(view.getState().pending.map((one) => (one.place === from ? { ...one, place: to } : one)));
    },

    close(): void {
      for (const transfer of transfers.values()) transfer.abort();
    },
  };
}

function namesIn(stored: string | null): string[] {
  try {
    const names: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}
