import { useEffect, useMemo, useRef } from "react";
import { hotkeysCoreFeature, selectionFeature, syncDataLoaderFeature } from "@headless-tree/core";
import { useTree } from "@headless-tree/react";
import { ChevronRight, File, FileCode2, FileJson2, FileText, Palette } from "lucide-react";
import type { FileEntry } from "../api/types";

interface Node {
  name: string;
  /** Child paths; absent for a file. */
  children?: string[];
}

const ROOT = "";

/** Folders and files by path, folders first. */
export function buildTree(files: FileEntry[]): Map<string, Node> {
  const nodes = new Map<string, Node>([[ROOT, { name: "", children: [] }]]);
  for (const { path } of files) {
    const segments = path.split("/");
    segments.forEach((name, depth) => {
      const id = segments.slice(0, depth + 1).join("/");
      if (nodes.has(id)) return;
      const isFile = depth === segments.length - 1;
      nodes.set(id, isFile ? { name } : { name, children: [] });
      nodes.get(segments.slice(0, depth).join("/"))?.children?.push(id);
    });
  }
  const rank = (id: string) => (nodes.get(id)?.children ? "0" : "1") + id.toLowerCase();
  for (const { children } of nodes.values()) children?.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return nodes;
}

interface FileTreeProps {
  files: FileEntry[];
  active: string | null;
  dirty: ReadonlySet<string>;
  onOpen(path: string): void;
}

export function FileTree({ files, active, dirty, onOpen }: FileTreeProps) {
  const nodes = useMemo(() => buildTree(files), [files]);
  const tree = useTree<Node>({
    rootItemId: ROOT,
    initialState: { expandedItems: [...nodes.keys()].filter((id) => nodes.get(id)?.children) },
    getItemName: (item) => item.getItemData().name,
    isItemFolder: (item) => item.getItemData().children !== undefined,
    dataLoader: {
      getItem: (id) => nodes.get(id) ?? { name: "" },
      getChildren: (id) => nodes.get(id)?.children ?? [],
    },
    onPrimaryAction: (item) => {
      if (!item.isFolder()) onOpen(item.getId());
    },
    features: [syncDataLoaderFeature, selectionFeature, hotkeysCoreFeature],
  });

  const known = useRef(new Set(nodes.keys()));
  useEffect(() => {
    // Folders that the assistant makes are shown open, those that were closed by hand stay closed.
    const made = [...nodes].filter(([id, node]) => node.children && !known.current.has(id)).map(([id]) => id);
    known.current = new Set(nodes.keys());
    if (made.length > 0) tree.applySubStateUpdate("expandedItems", (open) => [...open, ...made]);
    tree.rebuildTree();
  }, [nodes, tree]);

  return (
    <div {...tree.getContainerProps("Files")} className="w-max min-w-full px-1.5 py-1 outline-none">
      {tree.getItems().map((item) => {
        const id = item.getId();
        const { level } = item.getItemMeta();
        const folder = item.isFolder();
        const Icon = iconOf(id);
        return (
          <button
            type="button"
            {...item.getProps()}
            key={id}
            aria-selected={id === active}
            title={id}
            style={{ paddingLeft: 8 + level * 14 }}
            className="flex h-7 w-full items-center gap-1.5 rounded-md pr-2 text-left text-[13px] hover:bg-raised aria-selected:bg-accent-soft max-md:h-10"
          >
            {folder ? (
              <ChevronRight
                size={14}
                aria-hidden
                className={`shrink-0 text-muted transition-transform ${item.isExpanded() ? "rotate-90" : ""}`}
              />
            ) : (
              <Icon size={14} aria-hidden className="shrink-0 text-muted" />
            )}
            <span className="whitespace-nowrap">{item.getItemName()}</span>
            {dirty.has(id) && (
              <span className="ml-auto size-1.5 shrink-0 rounded-full bg-warn" role="img" aria-label="unsaved" />
            )}
          </button>
        );
      })}
    </div>
  );
}

function iconOf(path: string): typeof File {
  if (/\.[cm]?[jt]sx?$|\.html?$|\.py$/.test(path)) return FileCode2;
  if (/\.json$/.test(path)) return FileJson2;
  if (/\.(css|scss|svg)$/.test(path)) return Palette;
  return /\.(md|txt)$/.test(path) ? FileText : File;
}
