import { dragAndDropFeature, hotkeysCoreFeature, renamingFeature, syncDataLoaderFeature } from "@headless-tree/core";
import { useTree } from "@headless-tree/react";
import { memo, useEffect, useMemo, useRef } from "react";
import type { FileEntry } from "../api/types";
import type { TurnChange } from "./state";
import { type TreeCommands, TreeMenu } from "./TreeMenu";
import { type RowMark, TreeRow } from "./TreeRow";
import { buildTree, folderPrefix, foldersOf, idOf, parentsOf, ROOT, type TreeNode } from "./treeNodes";

export interface FileTreeProps extends TreeCommands {
  files: readonly FileEntry[];
  emptyFolders: ReadonlySet<string>;
  active: string | null;
  dirty: ReadonlySet<string>;
  changed: ReadonlyMap<string, TurnChange>;
  /** Closes all folders each time that it changes. */
  collapse: number;
  onOpen(path: string): void;
  /** A file or folder gets another path: by a new name, or by being dropped into another folder. */
  onMove(node: TreeNode, newPath: string): void;
  /** Files of the vendor's own machine were dropped onto a folder, "" at the top. */
  onDropFiles(files: readonly File[], inFolder: string): void;
}

/** With more entries than this, folders begin closed: somebody has to find a way through them. */
const OPEN_UP_TO = 200;

export const FileTree = memo(function FileTree(props: FileTreeProps) {
  const { files, emptyFolders, active, dirty, changed, collapse, onOpen, onMove, onDropFiles } = props;
  const { onNew, onUpload, onDelete } = props;
  const nodes = useMemo(() => buildTree(files, emptyFolders), [files, emptyFolders]);
  const marks = useMemo(() => marksOf(changed), [changed]);
  const host = useRef<HTMLDivElement>(null);
  /** Where the row with the focus is going to be. */
  const moving = useRef<{ from: string; to: string }>(null);
  const move = (node: TreeNode, newPath: string) => {
    moving.current = { from: idOf(node.path), to: idOf(newPath) };
    onMove(node, newPath);
  };
  const tree = useTree<TreeNode>({
    rootItemId: ROOT,
    initialState: { expandedItems: nodes.size > OPEN_UP_TO ? [] : foldersOf(nodes) },
    getItemName: (item) => item.getItemData().name,
    isItemFolder: (item) => item.getItemData().children !== undefined,
    dataLoader: {
      getItem: (id) => nodes.get(id) ?? { path: id.slice(1), name: "" },
      getChildren: (id) => nodes.get(id)?.children ?? [],
    },
    onPrimaryAction: (item) => {
      if (!item.isFolder()) onOpen(item.getItemData().path);
    },
    onRename: (item, name) => {
      const node = item.getItemData();
      const wanted = name.trim();
      if (wanted && wanted !== node.name) move(node, folderPrefix(node.path) + wanted);
    },
    canReorder: false,
    canDrop: (items, { item: target }) =>
      target.isFolder() && items.every((item) => item.getParent()?.getId() !== target.getId()),
    onDrop: (items, { item: target }) => {
      const { path } = target.getItemData();
      for (const item of items) {
        const node = item.getItemData();
        move(node, path ? `${path}/${node.name}` : node.name);
      }
    },
    canDragForeignDragObjectOver: isFiles,
    canDropForeignDragObject: (dragged, { item: target }) => isFiles(dragged) && target.isFolder(),
    onDropForeignDragObject: ({ files: dropped }, { item: target }) => {
      const { path } = target.getItemData();
      onDropFiles([...dropped], path && `${path}/`);
    },
    features: [syncDataLoaderFeature, hotkeysCoreFeature, renamingFeature, dragAndDropFeature],
  });

  const known = useRef(new Set(nodes.keys()));
  useEffect(() => {
    // Folders that the assistant makes are shown open, those that were closed by hand stay closed.
    const made = foldersOf(nodes).filter((id) => !known.current.has(id));
    known.current = new Set(nodes.keys());
    if (made.length > 0) tree.applySubStateUpdate("expandedItems", (open) => [...open, ...made]);
    tree.rebuildTree();
    const { from, to } = moving.current ?? {};
    if (!from || !to || !nodes.has(to)) return;
    moving.current = null;
    if (tree.getState().focusedItem !== from) return;
    tree.getItemInstance(to).setFocused();
    // The row that had the focus goes; the new one gets it, unless the vendor went elsewhere meanwhile.
    const focused = document.activeElement;
    if (focused === document.body || host.current?.contains(focused)) tree.updateDomFocus();
  }, [nodes, tree]);

  useEffect(() => {
    if (!active) return;
    // The file that is being looked at is in sight here too.
    const parents = parentsOf(active).map(idOf);
    tree.applySubStateUpdate("expandedItems", (open) => [...new Set([...open, ...parents])]);
    tree.rebuildTree();
    const frame = requestAnimationFrame(() =>
      host.current?.querySelector("[aria-selected=true]")?.scrollIntoView?.({ block: "nearest" }),
    );
    return () => cancelAnimationFrame(frame);
  }, [active, tree]);

  const collapsed = useRef(collapse);
  useEffect(() => {
    if (collapsed.current === collapse) return;
    collapsed.current = collapse;
    tree.applySubStateUpdate("expandedItems", []);
    tree.rebuildTree();
  }, [collapse, tree]);

  // What is held over a file would fall into its folder.
  const target = tree.getDragTarget()?.item;
  const targetFolder = target?.isFolder() ? target : target?.getParent();
  const itemOf = (node: TreeNode) => tree.getItemInstance(idOf(node.path));
  return (
    <TreeMenu
      nodeAt={(path) => nodes.get(idOf(path))}
      onOpen={onOpen}
      onNew={onNew}
      onUpload={onUpload}
      onDelete={onDelete}
      onRename={(node) => itemOf(node).startRenaming()}
      onClosed={(node) => {
        if (node) itemOf(node).setFocused();
        tree.updateDomFocus();
      }}
      onCollapse={() => {
        tree.applySubStateUpdate("expandedItems", []);
        tree.rebuildTree();
      }}
    >
      <div ref={host} className="flex min-h-full">
        <div {...tree.getContainerProps("Files")} className="w-max min-w-full px-1.5 py-1 pb-8 outline-none">
          {tree.getItems().map((item) => {
            const node = item.getItemData();
            return (
              <TreeRow
                key={item.getId()}
                item={item.getProps()}
                renaming={item.isRenaming() ? item.getRenameInputProps() : null}
                node={node}
                level={item.getItemMeta().level}
                selected={node.path === active}
                unsaved={dirty.has(node.path)}
                mark={marks.get(node.path)}
                dropTarget={item.getId() === targetFolder?.getId()}
                onDelete={() => onDelete(node)}
              />
            );
          })}
        </div>
      </div>
    </TreeMenu>
  );
});

function isFiles({ types }: DataTransfer): boolean {
  return types.includes("Files");
}

function marksOf(changed: ReadonlyMap<string, TurnChange>): Map<string, RowMark> {
  const marks = new Map<string, RowMark>();
  for (const [path, { action }] of changed) {
    if (action === "deleted") continue;
    marks.set(path, action === "created" ? "new" : "changed");
    for (const folder of parentsOf(path)) marks.set(folder, "inside");
  }
  return marks;
}
