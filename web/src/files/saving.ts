/** How the two sides' texts of one file come together: newer versions, saves, and conflicts. */
import type { Api } from "../api/client";
import { asApiError, isRecord } from "../api/errors";
import type { FileEntry } from "../api/types";
import { conflictOf, type Doc } from "./document";
import type { Documents } from "./documents";
import { merge } from "./merge";

export type Choice = "mine" | "theirs" | "merged";

interface SavingOptions {
  api: Api;
  appId: string;
  documents: Documents;
  /** A version was stored by this page. */
  onStored(file: FileEntry, revision: number): void;
  /** A file that was asked for, which may be another kind of file than the list says. */
  onRead(file: FileEntry): void;
  close(path: string): void;
  announce(text: string): void;
}

export function createSaving({ api, appId, documents, onStored, onRead, close, announce }: SavingOptions) {
  const { get, current, patch } = documents;
  /** The saves that are on their way, by document. */
  const running = new Map<number, Promise<void>>();

  async function pull(path: string): Promise<void> {
    try {
      const { content, ...file } = await api.readFile(appId, path);
      onRead(file);
      if (content === undefined) incomingBytes(file);
      else incoming({ ...file, content });
    } catch (reason) {
      const error = asApiError(reason);
      if (error.status === 404) removed(path);
      else if (get(path)?.status === "loading") patch(path, { status: "failed", error: error.message });
    }
  }

  /** A newer version of an open file: shown where it can be, merged, or kept as a conflict. */
  function incoming(file: FileEntry & { content: string }): void {
    const known = current(file.path);
    if (!known || file.version < known.baseVersion) return;
    const base = { base: file.content, baseVersion: file.version };
    if (!known.dirty) {
      patch(file.path, { ...base, content: file.content, status: "ready", conflict: null, error: null });
      return;
    }
    if (file.version === known.baseVersion) return;
    const merged = merge(known.content, known.base, file.content);
    if (merged === null) {
      patch(file.path, { conflict: { theirs: file.content, version: file.version, merged: null } });
      announce(`${file.path} was changed by Claude in lines that you have edited too.`);
      return;
    }
    const changed = merged !== known.content;
    const note = "Claude changed this file, and the change was merged with your unsaved text.";
    patch(file.path, { ...base, content: merged, conflict: null, ...(changed ? { note } : {}) });
    if (changed) announce(`${file.path} was changed by Claude and merged with your unsaved text.`);
  }

  /** The file is no text any more: nothing of it is to be edited, unless somebody is at it. */
  function incomingBytes({ path, version }: FileEntry): void {
    const known = current(path);
    if (known?.dirty) patch(path, { conflict: { theirs: null, version, merged: null } });
    else documents.drop(path);
  }

  /** The stored file is gone: so is its tab, unless it holds what nobody else has. */
  function removed(path: string): void {
    const known = current(path);
    if (known?.conflict?.version === 0) return;
    if (known?.dirty) patch(path, { conflict: { theirs: null, version: 0, merged: null } });
    else {
      close(path);
      announce(`${path} was deleted.`);
    }
  }

  /** Stores what is typed; what is typed while a save is on its way is stored after it. */
  async function save(path: string): Promise<void> {
    const known = current(path);
    const ongoing = known && running.get(known.id);
    if (ongoing) {
      await ongoing;
      return save(path);
    }
    if (!known?.dirty || known.conflict) return;
    const saving = send(known).finally(() => running.delete(known.id));
    running.set(known.id, saving);
    await saving;
  }

  async function send({ id, path: asked, content, baseVersion }: Doc): Promise<void> {
    patch(asked, { status: "saving", error: null });
    // The file may be renamed or closed while the answer is on its way.
    const pathNow = () => documents.pathOf(id);
    try {
      const { file, revision } = await api.saveFile(appId, { path: asked, content, baseVersion });
      const path = pathNow();
      // A later version of Claude's may have come in before the answer did.
      const isLatest = path === asked && (get(asked)?.baseVersion ?? 0) < file.version;
      if (path) {
        patch(path, { status: "ready", ...(isLatest ? { base: content, baseVersion: file.version, note: null } : {}) });
      }
      if (isLatest || !path) onStored(file, revision);
      announce(`${asked} is saved.`);
    } catch (reason) {
      const error = asApiError(reason);
      const path = pathNow();
      const edited = path ? current(path) : undefined;
      if (!path || !edited) return;
      patch(path, { status: "ready" });
      if (error.code !== "version_conflict") {
        patch(path, { error: error.message });
        return;
      }
      const theirs = error.details.file;
      // It was merged with that version, or renamed, while it was on its way.
      if (path !== asked || (isRecord(theirs) && theirs.version === edited.baseVersion)) return send(edited);
      patch(path, { conflict: conflictOf(edited, theirs) });
      announce(`${path} was changed meanwhile. Choose which version to keep.`);
    }
  }

  /** Ends a conflict; what is kept of one's own is saved at once. */
  async function resolve(path: string, choice: Choice): Promise<void> {
    const known = current(path);
    if (!known?.conflict) return;
    const { conflict, content, base } = known;
    const { theirs, version } = conflict;
    if (choice === "theirs" && theirs === null) {
      if (version === 0) close(path);
      else documents.drop(path);
      return;
    }
    // Merged anew: one may have typed on since the conflict was found.
    const merged = theirs === null ? null : merge(content, base, theirs);
    if (choice === "merged" && merged === null) {
      patch(path, { conflict: { ...conflict, merged: null } });
      return;
    }
    const kept = choice === "mine" ? content : choice === "merged" ? merged : theirs;
    patch(path, { base: theirs ?? "", baseVersion: version, content: kept ?? "", conflict: null });
    await save(path);
  }

  return { pull, removed, save, resolve };
}
