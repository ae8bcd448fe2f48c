import { createStore } from "zustand/vanilla";
import type { Api } from "../api/client";
import type { FileChange, FileEntry } from "../api/types";
import { type Memory, tabStorage } from "../ui/storage";
import { createActions } from "./actions";
import { createDocuments } from "./documents";
import { withLineEndsOf } from "./lineEnds";
import { createListing } from "./listing";
import { createSaving } from "./saving";
import { type FilesState, INITIAL, RULES_PATH } from "./state";
import { createTabs } from "./tabs";
import { createTurn } from "./turn";
import { createUnsaved } from "./unsaved";

/** Where a reader would begin. */
const ENTRY = /(^|\/)(app|page)\.[a-z]+$/i;
const SOURCE = /\.([cm]?[jt]sx?|html|vue|svelte|py)$/;

export type FilesStore = ReturnType<typeof createFilesStore>;

export interface FilesStoreOptions {
  api: Api;
  appId: string;
  /** Where the open tabs of an app are remembered. */
  memory?: Memory;
  /** Where what is not saved is kept over a sign-in. */
  tabMemory?: Memory;
  /** Called when this page has stored something, or was told of something new by the chat. */
  onChanged?(): void;
  /** How long nobody types before the typed text is taken over. */
  pauseMs?: number;
}

/** The files of one app: the list, the open ones, and how edits of both sides come together. */
export function createFilesStore(options: FilesStoreOptions) {
  const { api, appId, memory, tabMemory = tabStorage, onChanged, pauseMs = 120 } = options;
  const view = createStore<FilesState>(() => INITIAL);
  const announce = (announcement: string) => view.setState({ announcement });
  const listing = createListing(api, appId, view);
  const documents = createDocuments(view, pauseMs);
  const tabs = createTabs(view, memory, appId);
  const unsaved = createUnsaved({ view, documents, tabs, memory: tabMemory, appId, announce });
  const turn = createTurn({ api, appId, view, memory, documents, listing, tabs, load });

  /** Tells whoever shares these files; whether a change of the rules waits is in the list alone. */
  function tell(...paths: (string | undefined)[]): void {
    if (paths.includes(RULES_PATH)) void refresh();
    onChanged?.();
  }

  function onStored(file: FileEntry, revision: number, instead?: string): void {
    listing.put(file, instead);
    view.setState({ revision });
    tell(file.path, instead);
  }

  /** What Claude's changes do not say: whether the file is a text. */
  function onRead(file: FileEntry): void {
    const listed = listing.entry(file.path);
    if (!listed || listed.version > file.version) return;
    if (file.binary || listed.binary) listing.put(file);
    if (!file.binary && view.getState().tabs.includes(file.path)) tabs.ensureDoc(file.path);
  }
  const saving = createSaving({ api, appId, documents, onStored, onRead, close: tabs.close, announce });
  const actions = createActions({
    api,
    appId,
    view,
    listing,
    tabs,
    documents,
    onStored,
    onRemoved: tell,
    onRenamed: turn.renamed,
    onReplaced: (path) => void saving.pull(path),
    announce,
  });

  async function refresh(): Promise<void> {
    const { byPath: before } = view.getState();
    if (!(await listing.read())) return;
    for (const path of view.getState().tabs) {
      // Of a file that was no text, there is no document that would tell.
      if (!before.get(path)?.binary || documents.get(path)) continue;
      const entry = listing.entry(path);
      if (!entry) saving.removed(path);
      else if (!entry.binary) void saving.pull(path);
    }
    for (const { path, baseVersion, status } of view.getState().docs.values()) {
      if (status === "loading" || status === "saving") continue;
      const version = listing.entry(path)?.version;
      if (version === undefined) {
        if (baseVersion > 0) saving.removed(path);
      } else if (version > baseVersion) void saving.pull(path);
    }
  }

  /** Looks for changes from elsewhere by the newest revision alone, which is a short answer. */
  async function refreshIfNewer(): Promise<void> {
    const { checkpoints } = await api.readCheckpoints(appId, { limit: 1 });
    if ((checkpoints[0]?.revision ?? 0) > view.getState().revision) await refresh();
  }

  /** The list, the tabs that were open the last time, and what was not saved in them. */
  async function start(): Promise<void> {
    const remembered = tabs.remembered();
    unsaved.restore();
    await refresh();
    for (const path of remembered.tabs) if (listing.entry(path)) load(path);
    if (remembered.active && listing.entry(remembered.active)) load(remembered.active);
  }

  /** Opens a file in a tab that stays; at a place of it, where one is given. */
  function open(path: string, at?: { line?: number; column?: number }): void {
    if (view.getState().writing?.path !== path) turn.stopFollowing();
    load(path);
    if (at?.line) view.setState({ place: { path, line: at.line, column: at.column ?? 1 } });
  }

  function load(path: string, as?: { preview: boolean }): void {
    tabs.show(path, as);
    if (view.getState().writing?.path === path && !listing.entry(path)) return;
    if (listing.entry(path)?.binary && !documents.get(path)) return;
    tabs.ensureDoc(path);
    const status = documents.get(path)?.status;
    if (status === "loading" || status === "failed") void saving.pull(path);
  }

  /** Takes in a change that Claude has made. */
  function apply(change: FileChange): void {
    const { path, action, version, previousPath, toolId } = change;
    const listed = listing.entry(path);
    // A turn that is read again tells of changes that are known, and may be outdated by now.
    if (listed && (listed.version > version || (action === "renamed" && listed.version === version))) return;
    turn.note(change);
    if (action === "deleted") {
      listing.drop(path);
      if (view.getState().tabs.includes(path)) saving.removed(path);
    } else {
      const known = listed ?? listing.entry(previousPath ?? path) ?? { size: 0, updatedAt: 0 };
      listing.put({ ...known, path, version }, previousPath);
      view.setState({ status: "ready" });
      if (action === "renamed" && previousPath) {
        if (documents.current(previousPath)) announce(`${previousPath} is now ${path}.`);
        tabs.move(previousPath, path, version);
      }
      if (view.getState().tabs.includes(path) && !listing.entry(path)?.binary) tabs.ensureDoc(path);
    }
    const isOpen = action !== "deleted" && view.getState().tabs.includes(path);
    const isOutdated = isOpen && (documents.get(path)?.baseVersion ?? 0) < version;
    void turn.written(toolId, isOutdated ? saving.pull(path) : undefined);
    if (action === "created" && ENTRY.test(path)) openFirst(path);
    tell(path, previousPath);
  }

  /** A turn has ended: the list as it is now, and something to look at where nothing is open. */
  async function settle(changes: readonly FileChange[]): Promise<void> {
    const written = changes.filter((change) => change.action !== "deleted").map((change) => change.path);
    const first = written.find((path) => ENTRY.test(path)) ?? written.find((path) => SOURCE.test(path)) ?? written[0];
    if (first) openFirst(first);
    turn.end();
    await refresh();
  }

  function openFirst(path: string): void {
    if (view.getState().tabs.length === 0) load(path);
  }

  /** Sets the text of an open file as it was typed in a plain text box. */
  function edit(path: string, text: string): void {
    const known = documents.get(path);
    if (!known) return;
    turn.stopFollowing();
    tabs.keep(path);
    documents.patch(path, { content: withLineEndsOf(known.base, text), error: null });
  }

  /** The vendor types in the editor that holds the text. */
  function typed(id: number): void {
    documents.typed(id);
    const path = documents.pathOf(id);
    if (path) tabs.keep(path);
    turn.stopFollowing();
  }

  /** Saves all that is typed; true where nothing is left unsaved. */
  async function saveAll(): Promise<boolean> {
    const left = () => [...view.getState().docs.values()].filter((doc) => doc.dirty);
    await Promise.all(left().map((doc) => saving.save(doc.path)));
    return left().length === 0;
  }

  return {
    view,
    exportUrl: api.exportUrl(appId),
    readBytes: (path: string, version: number) => api.readBytes(appId, path, version),
    start,
    refresh,
    refreshIfNewer,
    settle,
    open,
    close: tabs.close,
    keepTab: tabs.keep,
    apply,
    edit,
    typed,
    attach: documents.attach,
    dismissNote: (path: string) => documents.patch(path, { note: null }),
    save: saving.save,
    saveAll,
    keepUnsaved: unsaved.keep,
    resolve: saving.resolve,
    ...actions,
    turn,
    beginTurn: turn.begin,
    turnWaits: turn.wait,
    writing: turn.writing,
  };
}
