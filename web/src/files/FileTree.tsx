import { hotkeysCoreFeature, selectionFeature, syncDataLoaderFeature } from "@headless-tree/core";
import { useTree } from "@headless-tree/react";
import { ChevronRight, File, FileCode2, FileJson2, FileText, Palette } from "lucide-react";
import { memo, useEffect, useMemo, useRef } from "react";
import type { FileEntry } from "../api/types";

interface Node {
  name: string;
  /** Child paths; absent for a file. */
  children?: string[];
}

const ROOT = "";

/** Folders and files by path, folders first. */
export function buildTree(files: readonly FileEntry[]): Map<string, Node> {
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
  files: readonly FileEntry[];
  active: string | null;
  dirty: ReadonlySet<string>;
  onOpen(path: string): void;
}

/** With more entries than this, folders begin closed: somebody has to find a way through them. */
const OPEN_UP_TO = 200;

export const FileTree = memo(function FileTree({ files, active, dirty, onOpen }: FileTreeProps) {
  const nodes = useMemo(() => buildTree(files), [files]);
  const tree = useTree<Node>({
    rootItemId: ROOT,
    initialState: { expandedItems: nodes.size > OPEN_UP_TO ? [] : foldersOf(nodes) },
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
    const made = foldersOf(nodes).filter((id) => !known.current.has(id));
    known.current = new Set(nodes.keys());
    if (made.length > 0) tree.applySubStateUpdate("expandedItems", (open) => [...open, ...made]);
    tree.rebuildTree();
  }, [nodes, tree]);

  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!active) return;
    // The file that is being looked at is in sight here too.
    tree.applySubStateUpdate("expandedItems", (open) => [...new Set([...open, ...parentsOf(active)])]);
    tree.rebuildTree();
    const frame = requestAnimationFrame(() =>
      host.current?.querySelector("[aria-selected=true]")?.scrollIntoView?.({ block: "nearest" }),
    );
    return () => cancelAnimationFrame(frame);
  }, [active, tree]);

  return (
    <div ref={host}>
      <div {...tree.getContainerProps("Files")} className="w-max min-w-full px-1.5 py-1 outline-none">
        {tree.getItems().map((item) => (
          <Row
            key={item.getId()}
            item={item.getProps()}
            path={item.getId()}
            level={item.getItemMeta().level}
            selected={item.getId() === active}
            unsaved={dirty.has(item.getId())}
          />
        ))}
      </div>
    </div>
  );
});

interface RowProps {
  /** What the tree wants its element to have: role, place, focus and handlers. */
  item: Record<string, unknown>;
  path: string;
  level: number;
  selected: boolean;
  unsaved: boolean;
}

const Row = memo(function Row({ item, path, level, selected, unsaved }: RowProps) {
  const expanded = item["aria-expanded"];
  const Icon = iconOf(path);
  return (
    <button
      type="button"
      {...item}
      aria-selected={selected}
      title={path}
      style={{ paddingLeft: 8 + level * 14 }}
      className="flex h-7 w-full items-center gap-1.5 rounded-md pr-2 text-left text-[13px] hover:bg-raised aria-selected:bg-accent-soft max-md:h-10"
    >
      {expanded === undefined ? (
        <Icon size={14} aria-hidden className="shrink-0 text-muted" />
      ) : (
        <ChevronRight
          size={14}
          aria-hidden
          className={`shrink-0 text-muted transition-transform ${expanded ? "rotate-90" : ""}`}
        />
      )}
      <span className="max-w-72 truncate">{path.slice(path.lastIndexOf("/") + 1)}</span>
      {unsaved && <span className="ml-auto size-1.5 shrink-0 rounded-full bg-warn" role="img" aria-label="unsaved" />}
    </button>
  );
}, isSameRow);

/** Handlers are made anew with each drawing and do the same, so only what is seen counts: there may be 2,000 rows. */
function isSameRow({ item: before, ...shownBefore }: RowProps, { item, ...shown }: RowProps): boolean {
  const same = (a: object, b: object) =>
    Object.entries(a).every(
      ([name, value]) => typeof value === "function" || Object.is(value, b[name as keyof typeof b]),
    );
  return same(before, item) && same(shownBefore, shown);
}

function foldersOf(nodes: Map<string, Node>): string[] {
  return [...nodes].flatMap(([id, { children }]) => (children ? [id] : []));
}

function parentsOf(path: string): string[] {
  const segments = path.split("/").slice(0, -1);
  return segments.map((_, depth) => segments.slice(0, depth + 1).join("/"));
}

function iconOf(path: string): typeof File {
  if (/\.[cm]?[jt]sx?$|\.html?$|\.py$/.test(path)) return FileCode2;
  if (/\.json$/.test(path)) return FileJson2;
  if (/\.(css|scss|svg)$/.test(path)) return Palette;
  return /\.(md|txt)$/.test(path) ? FileText : File;
}
