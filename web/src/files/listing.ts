/** The list of an app's files, and the folders of it that hold none yet. */
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { FileEntry } from "../api/types";
import type { FilesView } from "./state";

export type Listing = ReturnType<typeof createListing>;

export function createListing(api: Api, appId: string, view: FilesView) {
  const entry = (path: string) => view.getState().byPath.get(path);

  function replace(entries: Iterable<FileEntry>): void {
    const files = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
    const byPath = new Map(files.map((file) => [file.path, file]));
    view.setState(({ emptyFolders }) => ({
      files,
      byPath,
      emptyFolders:
        emptyFolders.size > 0 ? new Set([...emptyFolders].filter((path) => !holds(files, path))) : emptyFolders,
    }));
  }

  /** Takes an entry into the list, in place of the one at `instead`. */
  function put(file: FileEntry, instead: string = file.path): void {
    const entries = new Map(view.getState().byPath);
    entries.delete(instead);
    replace(entries.set(file.path, file).values());
  }

  function drop(path: string): void {
    if (entry(path)) replace(view.getState().files.filter((file) => file.path !== path));
  }

  /** The list as it is now; false where it could not be had. */
  async function read(): Promise<boolean> {
    try {
      const { files, revision, rules = null } = await api.listFiles(appId);
      replace(files);
      view.setState({ status: "ready", error: null, revision, rules });
      return true;
    } catch (reason) {
      const error = asApiError(reason);
      if (error.status === 404) view.setState({ status: "gone", error: null });
      else view.setState(({ status }) => ({ status: status === "loading" ? "failed" : status, error: error.message }));
      return false;
    }
  }

  function addFolder(path: string): void {
    if (holds(view.getState().files, path)) return;
    view.setState(({ emptyFolders }) => ({ emptyFolders: new Set([...emptyFolders, path]) }));
  }

  function dropFolder(path: string): void {
    view.setState(({ emptyFolders }) => ({
      emptyFolders: new Set([...emptyFolders].filter((other) => other !== path && !other.startsWith(`${path}/`))),
    }));
  }

  return { entry, put, drop, read, addFolder, dropFolder };
}

function holds(files: readonly FileEntry[], folder: string): boolean {
  return files.some((file) => file.path.startsWith(`${folder}/`));
}
