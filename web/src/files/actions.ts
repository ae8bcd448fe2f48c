/** What the vendor does to files and folders by hand. Each of these throws an ApiError. */
import type { Api } from "../api/client";
import type { FileEntry } from "../api/types";
import { newDoc } from "./document";
import type { Documents } from "./documents";
import type { Listing } from "./listing";
import type { FilesView } from "./state";
import type { Tabs } from "./tabs";

interface ActionsOptions {
  api: Api;
  appId: string;
  view: FilesView;
  listing: Listing;
  tabs: Tabs;
  documents: Documents;
  onStored(file: FileEntry, revision: number, instead?: string): void;
  onRemoved(path: string): void;
  onRenamed(from: string, to: string): void;
  /** The file in an open tab has another content, which did not come from there. */
  onReplaced(path: string): void;
  announce(text: string): void;
}

export function createActions(options: ActionsOptions) {
  const { api, appId, view, listing, tabs, documents, onStored, onRemoved, onRenamed, onReplaced, announce } = options;
  const versionOf = (path: string) => listing.entry(path)?.version ?? 0;
  const inside = (folder: string) => view.getState().files.filter((file) => file.path.startsWith(`${folder}/`));

  /** Makes an empty file and opens it, with the cursor in it. */
  async function create(path: string): Promise<void> {
    const { file, revision } = await api.saveFile(appId, { path, content: "", baseVersion: 0 });
    onStored(file, revision);
    documents.put(newDoc(file.path, { baseVersion: file.version, status: "ready" }));
    tabs.show(file.path);
    view.setState({ place: { path: file.path, line: 1, column: 1 } });
  }

  /** Adds a file of the vendor's own, in place of the one at that path. Throws an AddingError too. */
  async function add(path: string, added: File): Promise<void> {
    const { readForSaving } = await import("./adding");
    const content = await readForSaving(added);
    const { file, revision } = await api.saveFile(appId, { path, ...content, baseVersion: versionOf(path) });
    onStored(file, revision);
    announce(`${file.path} was added.`);
    if (view.getState().tabs.includes(file.path)) onReplaced(file.path);
  }

  /** Gives a file another path; unsaved changes go along. */
  async function rename(path: string, newPath: string): Promise<void> {
    documents.current(path);
    const { file, revision } = await api.renameFile(appId, { path, newPath, baseVersion: versionOf(path) });
    onStored(file, revision, path);
    tabs.move(path, file.path, file.version);
    onRenamed(path, file.path);
    announce(`${path} is now ${file.path}.`);
  }

  async function remove(path: string): Promise<void> {
    await api.deleteFile(appId, { path, baseVersion: versionOf(path) });
    listing.drop(path);
    tabs.close(path);
    onRemoved(path);
    announce(`${path} was deleted.`);
  }

  /** Gives a folder another path, file by file: what was moved before one is refused stays moved. */
  async function renameFolder(path: string, newPath: string): Promise<void> {
    const hadFiles = inside(path);
    for (const file of hadFiles) await rename(file.path, newPath + file.path.slice(path.length));
    listing.dropFolder(path);
    if (hadFiles.length === 0) listing.addFolder(newPath);
  }

  async function removeFolder(path: string): Promise<void> {
    for (const file of inside(path)) await remove(file.path);
    listing.dropFolder(path);
  }

  return { create, add, rename, remove, renameFolder, removeFolder, addFolder: listing.addFolder };
}
