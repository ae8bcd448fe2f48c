import { ContextMenu } from "radix-ui";
import { type ReactNode, useRef, useState } from "react";
import { folderPrefix, type TreeNode } from "./treeNodes";

export interface TreeCommands {
  onNew(kind: "file" | "folder", inFolder: string): void;
  /** Files of the vendor's own machine are to be chosen for this folder. */
  onUpload(inFolder: string): void;
  onDelete(node: TreeNode): void;
}

interface TreeMenuProps extends TreeCommands {
  nodeAt(path: string): TreeNode | undefined;
  onOpen(path: string): void;
  onRename(node: TreeNode): void;
  /** Gives the focus back to a row, once the menu is closed. */
  onClosed(node: TreeNode | undefined): void;
  onCollapse(): void;
  children: ReactNode;
}

/** The menu of the files and folders: one for the whole tree, about the row that it was asked for at. */
export function TreeMenu(props: TreeMenuProps) {
  const { nodeAt, onOpen, onRename, onNew, onUpload, onDelete, onClosed, onCollapse, children } = props;
  const [node, setNode] = useState<TreeNode | undefined>();
  // What was chosen is done once the menu is gone, or it would take the focus away from it.
  const chosen = useRef<(() => void) | null>(null);
  const choose = (action: () => void) => () => {
    chosen.current = action;
  };
  const isFolder = node?.children !== undefined;
  const folder = node === undefined ? "" : isFolder ? `${node.path}/` : folderPrefix(node.path);

  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger
        asChild
        onContextMenuCapture={(event) => {
          const row = (event.target as Element).closest<HTMLElement>("[data-path]");
          setNode(row ? nodeAt(row.dataset.path ?? "") : undefined);
        }}
      >
        {children}
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content
          aria-label={node ? `Actions for ${node.name}` : "Actions for all files"}
          className="z-50 min-w-44 rounded-xl border border-line bg-surface p-1.5 text-[13px] text-ink shadow-xl"
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            const action = chosen.current;
            chosen.current = null;
            if (action) action();
            else onClosed(node);
          }}
        >
          {node && !isFolder && <Item onSelect={choose(() => onOpen(node.path))}>Open</Item>}
          <Item onSelect={choose(() => onNew("file", folder))}>New file</Item>
          <Item onSelect={choose(() => onNew("folder", folder))}>New folder</Item>
          <Item onSelect={choose(() => onUpload(folder))}>Upload files</Item>
          {!node && <Item onSelect={choose(onCollapse)}>Collapse all folders</Item>}
          {node && (
            <>
              <ContextMenu.Separator className="my-1 h-px bg-line" />
              <Item hint="F2" onSelect={choose(() => onRename(node))}>
                Rename
              </Item>
              <Item onSelect={choose(() => void navigator.clipboard?.writeText(node.path).catch(() => undefined))}>
                Copy path
              </Item>
              <Item hint="Del" danger onSelect={choose(() => onDelete(node))}>
                Delete
              </Item>
            </>
          )}
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}

interface ItemProps {
  hint?: string;
  danger?: boolean;
  onSelect(): void;
  children: ReactNode;
}

function Item({ hint, danger = false, onSelect, children }: ItemProps) {
  return (
    <ContextMenu.Item
      onSelect={onSelect}
      className={`flex h-8 cursor-pointer items-center justify-between gap-6 rounded-lg px-2.5 outline-none data-highlighted:bg-raised max-md:h-11 ${danger ? "text-danger" : ""}`}
    >
      {children}
      {hint && (
        <kbd aria-hidden className="font-sans text-xs text-muted max-md:hidden">
          {hint}
        </kbd>
      )}
    </ContextMenu.Item>
  );
}
