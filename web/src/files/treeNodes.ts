import type { FileEntry } from "../api/types";
import { formatSize } from "../ui/format";

export interface TreeNode {
  path: string;
  name: string;
  /** Of a file that is no text: what there is to say of it. */
  about?: string;
  /** Ids of what is in a folder; absent for a file. */
  children?: string[];
}

export const ROOT = "/";
/** The tree looks its nodes up on plain objects, where `__proto__` is not a name like others; `/__proto__` is. */
export const idOf = (path: string): string => `/${path}`;

const NATURAL = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Folders and files by id: folders first, and file2 before file10. */
export function buildTree(files: readonly FileEntry[], emptyFolders: Iterable<string> = []): Map<string, TreeNode> {
  const nodes = new Map<string, TreeNode>([[ROOT, { path: "", name: "", children: [] }]]);
  const add = (path: string, isFile: boolean) => {
    const segments = path.split("/");
    segments.forEach((name, depth) => {
      const here = segments.slice(0, depth + 1).join("/");
      if (nodes.has(idOf(here))) return;
      const isLeaf = isFile && depth === segments.length - 1;
      nodes.set(idOf(here), isLeaf ? { path: here, name } : { path: here, name, children: [] });
      nodes.get(idOf(segments.slice(0, depth).join("/")))?.children?.push(idOf(here));
    });
  };
  for (const file of files) {
    add(file.path, true);
    const node = nodes.get(idOf(file.path));
    if (node && file.binary) node.about = aboutOf(file);
  }
  for (const path of emptyFolders) add(path, false);
  const isFolder = (id: string) => nodes.get(id)?.children !== undefined;
  const compare = (a: string, b: string) =>
    Number(isFolder(b)) - Number(isFolder(a)) || NATURAL.compare(a, b) || (a < b ? -1 : 1);
  for (const { children } of nodes.values()) children?.sort(compare);
  return nodes;
}

/** "512 × 512, 34 kB" */
function aboutOf({ size, width, height }: FileEntry): string {
  return [width && height ? `${width} × ${height}` : "", formatSize(size)].filter(Boolean).join(", ");
}

export function foldersOf(nodes: ReadonlyMap<string, TreeNode>): string[] {
  return [...nodes].flatMap(([id, { children }]) => (children ? [id] : []));
}

/** The folders that hold a path, from the outermost one. */
export function parentsOf(path: string): string[] {
  const segments = path.split("/").slice(0, -1);
  return segments.map((_, depth) => segments.slice(0, depth + 1).join("/"));
}

/** The folder that a path is in, with its slash; empty at the top. */
export function folderPrefix(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}
