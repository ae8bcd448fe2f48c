import { createStore } from "zustand/vanilla";
import type { Api } from "../api/client";
import { asApiError, isRecord } from "../api/errors";
import type { FileChange, FileEntry, FileWithContent } from "../api/types";
import { conflictOf, type Doc, emptyDoc, isDirty, merge } from "./doc";

export interface FilesState {
  /** "gone" where the app itself was deleted. */
  status: "loading" | "ready" | "failed" | "gone";
  error: string | null;
  files: FileEntry[];
  /** Paths of the open tabs, in their order. */
  tabs: string[];
  active: string | null;
  docs: Record<string, Doc>;
  /** The latest thing worth saying aloud, e.g. that a file was merged. */
  announcement: string;
}

/** Where a reader would begin. */
const ENTRY = /(^|\/)(app|page)\.[a-z]+$/i;
const SOURCE = /\.([cm]?[jt]sx?|html|vue|svelte|py)$/;

export type Choice = "mine" | "theirs" | "merged";
export type FilesStore = ReturnType<typeof createFilesStore>;

export interface FilesStoreOptions {
  api: Api;
  appId: string;
  /** Where the open tabs of an app are remembered. */
  memory?: Pick<Storage, "getItem" | "setItem">;
}

/** The files of one app: the list, the open ones, and how edits of both sides come together. */
export function createFilesStore({ api, appId, memory }: FilesStoreOptions) {
  const store = createStore<FilesState>(() => ({
    status: "loading",
    error: null,
    files: [],
    tabs: [],
    active: null,
    docs: {},
    announcement: "",
  }));
  const memoryKey = `tabs:${appId}`;
  store.subscribe(({ tabs, active }, before) => {
    if (tabs !== before.tabs || active !== before.active) {
      memory?.setItem(memoryKey, JSON.stringify({ tabs, active }));
    }
  });

  const doc = (path: string) => store.getState().docs[path];
  function patch(path: string, change: Partial<Doc>): void {
    store.setState(({ docs }) => {
      const existing = docs[path];
      return existing ? { docs: { ...docs, [path]: { ...existing, ...change } } } : {};
    });
  }
  const announce = (announcement: string) => store.setState({ announcement });

  async function refresh(): Promise<void> {
    try {
      const { files } = await api.listFiles(appId);
      store.setState({ files: sorted(files), status: "ready", error: null });
      const versions = new Map(files.map((file) => [file.path, file.version]));
      for (const { path, baseVersion, status } of Object.values(store.getState().docs)) {
        if (status === "loading" || status === "saving") continue;
        const version = versions.get(path);
        if (version === undefined) {
          if (baseVersion > 0) removed(path);
        } else if (version > baseVersion) void pull(path);
      }
    } catch (reason) {
      const error = asApiError(reason);
      if (error.status === 404) store.setState({ status: "gone", error: null });
      else store.setState(({ status }) => ({ status: status === "loading" ? "failed" : status, error: error.message }));
    }
  }

  /** The list, and the tabs that were open the last time. */
  async function start(): Promise<void> {
    await refresh();
    const known = new Set(store.getState().files.map((file) => file.path));
    const remembered = readTabs(memory?.getItem(memoryKey) ?? null);
    for (const path of remembered.tabs) if (known.has(path)) open(path);
    if (remembered.active && known.has(remembered.active)) open(remembered.active);
  }

  function open(path: string): void {
    store.setState(({ tabs, docs }) => ({
      tabs: tabs.includes(path) ? tabs : [...tabs, path],
      active: path,
      docs: docs[path] ? docs : { ...docs, [path]: emptyDoc(path) },
    }));
    const { status } = doc(path) ?? {};
    if (status === "loading" || status === "failed") void pull(path);
  }

  function close(path: string): void {
    store.setState(({ tabs, docs, active }) => {
      const index = tabs.indexOf(path);
      const left = tabs.filter((tab) => tab !== path);
      const { [path]: _, ...others } = docs;
      return {
        tabs: left,
        docs: others,
        active: active === path ? (left[Math.min(index, left.length - 1)] ?? null) : active,
      };
    });
  }

  async function pull(path: string): Promise<void> {
    try {
      await incoming(await api.readFile(appId, path));
    } catch (reason) {
      const error = asApiError(reason);
      if (error.status === 404) removed(path);
      else if (doc(path)?.status === "loading") patch(path, { status: "failed", error: error.message });
    }
  }

  /** A newer version of an open file: shown where it can be, merged, or kept as a conflict. */
  async function incoming(file: FileWithContent): Promise<void> {
    const known = doc(file.path);
    if (!known || file.version < known.baseVersion) return;
    const base = { base: file.content, baseVersion: file.version };
    if (!isDirty(known)) {
      patch(file.path, { ...base, content: file.content, status: "ready", conflict: null, error: null });
      return;
    }
    if (file.version === known.baseVersion) return;
    const merged = await merge(known.content, known.base, file.content);
    if (doc(file.path) !== known) return incoming(file); // Typed in, or saved, meanwhile.
    if (merged !== null) {
      patch(file.path, { ...base, content: merged, conflict: null });
      announce(`${file.path} was changed by the assistant and merged with your unsaved edits.`);
    } else {
      patch(file.path, { conflict: { theirs: file.content, version: file.version, merged: null } });
      announce(`${file.path} was changed by the assistant in lines that you have edited too.`);
    }
  }

  function removed(path: string): void {
    const known = doc(path);
    if (!known || known.conflict?.theirs === null) return;
    if (isDirty(known)) patch(path, { conflict: { theirs: null, version: 0, merged: null } });
    else {
      close(path);
      announce(`${path} was deleted.`);
    }
  }

  function moved(from: string, to: string, version: number): void {
    const known = doc(from);
    store.setState(({ tabs, active, docs }) => {
      if (!known) return {};
      const { [from]: _, ...others } = docs;
      return {
        tabs: [...new Set(tabs.map((tab) => (tab === from ? to : tab)))],
        active: active === from ? to : active,
        docs: { ...others, [to]: { ...known, path: to, baseVersion: version } },
      };
    });
    if (known) announce(`${from} is now ${to}.`);
  }

  /** Takes in a change that the assistant has made. */
  function apply(change: FileChange): void {
    const { path, action, version, previousPath } = change;
    const listed = store.getState().files.find((file) => file.path === path);
    // A turn that is read again tells of changes that are known, and may be outdated by now.
    if (listed && (listed.version > version || (action === "renamed" && listed.version === version))) return;
    store.setState(({ files }) => {
      const gone = new Set([previousPath, ...(action === "deleted" ? [path] : [])]);
      const left = files.filter((file) => !gone.has(file.path) && file.path !== path);
      if (action === "deleted") return { files: left };
      const entry = { path, version, size: listed?.size ?? 0, updatedAt: listed?.updatedAt ?? 0 };
      return { files: sorted([...left, entry]), status: "ready" };
    });
    if (action === "deleted") removed(path);
    else if (action === "renamed" && previousPath) moved(previousPath, path, version);
    const known = doc(path);
    if (action !== "deleted" && known && known.baseVersion < version) void pull(path);
    if (action === "created" && ENTRY.test(path)) openFirst(path);
  }

  /** A turn has ended: the list as it is now, and something to look at where nothing is open. */
  function settle(changes: FileChange[]): void {
    void refresh();
    const written = changes.filter((change) => change.action !== "deleted").map((change) => change.path);
    const first = written.find((path) => ENTRY.test(path)) ?? written.find((path) => SOURCE.test(path)) ?? written[0];
    if (first) openFirst(first);
  }

  function openFirst(path: string): void {
    if (store.getState().tabs.length === 0) open(path);
  }

  function edit(path: string, content: string): void {
    if (doc(path)?.content !== content) patch(path, { content, error: null });
  }

  async function save(path: string): Promise<void> {
    const known = doc(path);
    if (!known || known.status === "saving" || known.conflict) return;
    if (!isDirty(known)) return;
    const { content, baseVersion } = known;
    patch(path, { status: "saving", error: null });
    try {
      const { file } = await api.saveFile(appId, { path, content, baseVersion });
      // A later version of the assistant may have come in before the answer did.
      const isLatest = (doc(path)?.baseVersion ?? 0) < file.version;
      patch(path, { status: "ready", ...(isLatest ? { base: content, baseVersion: file.version } : {}) });
      if (isLatest) {
        store.setState(({ files }) => ({ files: sorted([...files.filter((other) => other.path !== path), file]) }));
      }
      announce(`${path} is saved.`);
    } catch (reason) {
      const error = asApiError(reason);
      if (error.code === "version_conflict") {
        const edited = doc(path) ?? known;
        const theirs = error.details.file;
        if (isRecord(theirs) && theirs.version === edited.baseVersion) {
          // It was merged with that version while it was on its way.
          patch(path, { status: "ready" });
          return save(path);
        }
        patch(path, { status: "ready", conflict: await conflictOf(edited, theirs) });
        announce(`${path} was changed meanwhile. Choose which version to keep.`);
      } else patch(path, { status: "ready", error: error.message });
    }
  }

  /** Makes an empty file and opens it. Throws an ApiError, as do the two below. */
  async function create(path: string): Promise<void> {
    const { file } = await api.saveFile(appId, { path, content: "", baseVersion: 0 });
    store.setState(({ files, docs }) => ({
      files: sorted([...files.filter((other) => other.path !== file.path), file]),
      docs: { ...docs, [file.path]: { ...emptyDoc(file.path), baseVersion: file.version, status: "ready" } },
    }));
    open(file.path);
  }

  /** Gives a file another path; unsaved changes go along. */
  async function rename(path: string, newPath: string): Promise<void> {
    const { file } = await api.renameFile(appId, { path, newPath, baseVersion: versionOf(path) });
    store.setState(({ files }) => ({ files: sorted([...files.filter((other) => other.path !== path), file]) }));
    moved(path, file.path, file.version);
  }

  async function remove(path: string): Promise<void> {
    await api.deleteFile(appId, { path, baseVersion: versionOf(path) });
    store.setState(({ files }) => ({ files: files.filter((other) => other.path !== path) }));
    close(path);
    announce(`${path} was deleted.`);
  }

  const versionOf = (path: string) => store.getState().files.find((file) => file.path === path)?.version ?? 0;

  /** Ends a conflict; what is kept of one's own is saved at once. */
  async function resolve(path: string, choice: Choice): Promise<void> {
    const known = doc(path);
    if (!known?.conflict) return;
    const { conflict, content, base } = known;
    const { theirs, version } = conflict;
    // Merged anew: one may have typed on since the conflict was found.
    const merged = choice === "merged" && theirs !== null ? await merge(content, base, theirs) : null;
    if (doc(path) !== known) return resolve(path, choice);
    if (choice === "merged" && merged === null) {
      patch(path, { conflict: { ...conflict, merged: null } });
      return;
    }
    if (choice === "theirs" && theirs === null) {
      close(path);
      return;
    }
    const kept = choice === "mine" ? content : choice === "merged" ? merged : theirs;
    patch(path, { base: theirs ?? "", baseVersion: version, content: kept ?? "", conflict: null });
    await save(path);
  }

  return {
    view: store,
    exportUrl: api.exportUrl(appId),
    start,
    refresh,
    settle,
    open,
    close,
    apply,
    edit,
    save,
    create,
    rename,
    remove,
    resolve,
  };
}

function sorted(files: FileEntry[]): FileEntry[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function readTabs(stored: string | null): { tabs: string[]; active: string | null } {
  try {
    const value: unknown = JSON.parse(stored ?? "null");
    if (isRecord(value) && Array.isArray(value.tabs)) {
      const tabs = value.tabs.filter((tab) => typeof tab === "string");
      return { tabs, active: typeof value.active === "string" ? value.active : null };
    }
  } catch {
    // What cannot be read is as good as nothing remembered.
  }
  return { tabs: [], active: null };
}
