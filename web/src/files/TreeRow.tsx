import { ChevronRight, MoreHorizontal } from "lucide-react";
import { type ComponentProps, type MouseEvent, memo } from "react";
import { EnvironmentMark } from "./EnvironmentMark";
import { fileIcon } from "./fileIcons";
import type { TreeNode } from "./treeNodes";

/** What a turn has done to a row's file, or to files in its folder. */
export type RowMark = "new" | "changed" | "inside";

interface TreeRowProps {
  /** What the tree wants its element to have: role, place, focus and handlers. */
  item: ComponentProps<"div">;
  /** What the tree wants of the field while the row is renamed; null at other times. */
  renaming: ComponentProps<"input"> | null;
  node: TreeNode;
  level: number;
  selected: boolean;
  unsaved: boolean;
  mark: RowMark | undefined;
  dropTarget: boolean;
  onDelete(): void;
}

const MARKS = {
  new: { letter: "N", said: "new in this turn" },
  changed: { letter: "M", said: "changed in this turn" },
  inside: { letter: "•", said: "holds changes of this turn" },
};

export const TreeRow = memo(function TreeRow(props: TreeRowProps) {
  const { item, renaming, node, level, selected, unsaved, mark, dropTarget, onDelete } = props;
  const isFolder = node.children !== undefined;
  const { Icon, tone } = fileIcon(node.path, node.about !== undefined);
  return (
    <div
      {...item}
      role="treeitem"
      tabIndex={item.tabIndex}
      aria-selected={selected}
      data-path={node.path}
      title={renaming ? undefined : [node.path, node.about].filter(Boolean).join("\n")}
      style={{ paddingLeft: 8 + level * 14 }}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        // A row is no button by nature, so it has to be told what Enter and Space do.
        if (event.key === "Enter" || event.key === " ") event.currentTarget.click();
        else if (event.key === "Delete") onDelete();
        else return;
        event.preventDefault();
      }}
      className={`group flex h-7 w-full cursor-pointer items-center gap-1.5 rounded-md pr-1 text-left text-[13px] -outline-offset-2 select-none hover:bg-raised aria-selected:bg-accent-soft max-md:h-11 ${dropTarget ? "bg-accent-soft ring-1 ring-accent" : ""}`}
    >
      {isFolder ? (
        <ChevronRight
          size={14}
          aria-hidden
          className={`shrink-0 text-muted transition-transform ${item["aria-expanded"] ? "rotate-90" : ""}`}
        />
      ) : (
        <Icon size={14} aria-hidden className={`shrink-0 ${tone}`} />
      )}
      {renaming ? (
        <input
          {...renaming}
          aria-label={`New name of ${node.name}`}
          maxLength={512}
          spellCheck={false}
          onClick={(event) => event.stopPropagation()}
          onFocus={(event) => selectStem(event.target)}
          className="h-6 min-w-32 flex-1 rounded border border-accent bg-surface px-1 text-[13px] text-ink max-md:h-9 max-md:text-base"
        />
      ) : (
        <span className={`max-w-72 truncate ${mark === "new" || mark === "changed" ? "text-accent" : ""}`}>
          {node.name}
        </span>
      )}
      <span className="ml-auto flex shrink-0 items-center gap-1.5 pl-1">
        {!isFolder && <EnvironmentMark path={node.path} />}
        {unsaved && <span className="size-1.5 rounded-full bg-warn" role="img" aria-label="unsaved" />}
        {mark && (
          <span
            role="img"
            aria-label={MARKS[mark].said}
            title={MARKS[mark].said}
            className="w-3 text-center text-[11px] font-semibold text-accent"
          >
            {MARKS[mark].letter}
          </span>
        )}
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Actions for ${node.name}`}
          aria-haspopup="menu"
          onClick={openMenu}
          className="rounded p-0.5 text-muted opacity-0 group-hover:opacity-100 group-focus:opacity-100 group-aria-selected:opacity-100 hover:bg-line hover:text-ink focus-visible:opacity-100 max-md:p-2.5 max-md:opacity-100"
        >
          <MoreHorizontal size={15} aria-hidden />
        </button>
      </span>
    </div>
  );
}, isSameRow);

/** The menu of a row opens as if it was asked for by the other pointer button. */
function openMenu(event: MouseEvent<HTMLButtonElement>): void {
  event.stopPropagation();
  const { left, bottom } = event.currentTarget.getBoundingClientRect();
  const at = { clientX: left, clientY: bottom, bubbles: true, cancelable: true };
  event.currentTarget.dispatchEvent(new window.MouseEvent("contextmenu", at));
}

/** Whoever renames a file most likely keeps its extension. */
function selectStem(input: HTMLInputElement): void {
  const dot = input.value.lastIndexOf(".");
  input.setSelectionRange(0, dot > 0 ? dot : input.value.length);
}

/** Handlers are made anew with each drawing and do the same, so only what is seen counts: there may be 2,000 rows. */
function isSameRow(before: TreeRowProps, now: TreeRowProps): boolean {
  const { item: itemBefore, renaming: renamingBefore, node: nodeBefore, ...shownBefore } = before;
  const { item, renaming, node, ...shown } = now;
  return (
    same(itemBefore, item) &&
    same(shownBefore, shown) &&
    nodeBefore.path === node.path &&
    nodeBefore.about === node.about &&
    renamingBefore === null &&
    renaming === null
  );
}

function same(before: object, now: object): boolean {
  const values = new Map(Object.entries(now));
  return Object.entries(before).every(
    ([name, value]) => typeof value === "function" || Object.is(value, values.get(name)),
  );
}
