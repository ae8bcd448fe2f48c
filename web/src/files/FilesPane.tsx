import { ChevronsDownUp, FilePlus, FolderPlus, Search, Upload } from "lucide-react";
import { lazy, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { ApiError, asApiError } from "../api/errors";
import { Button, IconButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import { LazyPart } from "../ui/LazyPart";
import { NameDialog } from "../ui/NameDialog";
import { Refused } from "../ui/Refused";
import type { FilesStore } from "./store";
import type { TreeNode } from "./treeNodes";
import { useAdding } from "./useAdding";
import { useDirty } from "./useDirty";

const importTree = () => import("./FileTree").then(({ FileTree }) => ({ default: FileTree }));
const FileTree = lazy(importTree);

interface FilesPaneProps {
  files: FilesStore;
  onOpen(path: string): void;
  /** Shows the search in files, where there is one. */
  onSearch?(): void;
}

type Asking = { what: "file" | "folder"; inFolder: string } | { what: "delete"; node: TreeNode };

export function FilesPane({ files, onOpen, onSearch }: FilesPaneProps) {
  const { entries, emptyFolders, active, status, error, changed } = useStore(
    files.view,
    useShallow((state) => ({
      entries: state.files,
      emptyFolders: state.emptyFolders,
      active: state.active,
      status: state.status,
      error: state.error,
      changed: state.changed,
    })),
  );
  const isWriting = useStore(files.view, (state) => state.writing !== null);
  const dirty = useDirty(files);
  const [asking, setAsking] = useState<Asking | null>(null);
  const [refused, setRefused] = useState<readonly string[]>([]);
  const [collapse, setCollapse] = useState(0);
  // On its way while the files are asked for; where it cannot be had, showing them says so.
  useEffect(() => void importTree().catch(() => undefined), []);
  const done = () => setAsking(null);
  const adding = useAdding(files, onOpen, setRefused);
  const pane = useRef<HTMLElement>(null);

  const create = async (path: string) => {
    await files.create(path).catch((reason: unknown) => {
      // Version 0 was expected, so the conflict is a file that is there.
      throw reason instanceof ApiError && reason.code === "version_conflict"
        ? new ApiError(409, "path_conflict")
        : reason;
    });
    onOpen(path);
  };
  /** What goes wrong is said above the tree, which is brought up to date. */
  const attempt = async (action: Promise<void>) => {
    setRefused([]);
    try {
      await action;
    } catch (reason) {
      setRefused([asApiError(reason).message]);
      void files.refresh();
    }
  };
  const move = ({ path, children }: TreeNode, newPath: string) =>
    void attempt(children ? files.renameFolder(path, newPath) : files.rename(path, newPath));
  const remove = ({ path, children }: TreeNode) =>
    void attempt(children ? files.removeFolder(path) : files.remove(path));

  return (
    <section
      ref={pane}
      aria-label="Files"
      tabIndex={-1}
      className={`flex h-full min-h-0 flex-col outline-none ${adding.isOverTop ? "bg-accent-soft ring-2 ring-accent ring-inset" : "bg-paper"}`}
      {...adding.dropping}
    >
      <header className="flex h-11 shrink-0 items-center border-b border-line pr-1 pl-3.5">
        <h2 className="min-w-0 flex-1 truncate font-medium">
          Files{" "}
          {entries.length > 0 && <span className="font-normal text-muted">{entries.length.toLocaleString()}</span>}
        </h2>
        {onSearch && (
          <IconButton className="max-md:size-11" label="Search in files" onClick={onSearch}>
            <Search size={15} aria-hidden />
          </IconButton>
        )}
        <IconButton
          className="max-md:size-11"
          label="New file"
          onClick={() => setAsking({ what: "file", inFolder: "" })}
        >
          <FilePlus size={15} aria-hidden />
        </IconButton>
        <IconButton
          className="max-md:size-11"
          label="New folder"
          onClick={() => setAsking({ what: "folder", inFolder: "" })}
        >
          <FolderPlus size={15} aria-hidden />
        </IconButton>
        {entries.length > 0 && (
          <IconButton className="max-md:size-11" label="Collapse all folders" onClick={() => setCollapse(collapse + 1)}>
            <ChevronsDownUp size={15} aria-hidden />
          </IconButton>
        )}
      </header>
      {refused.length > 0 && (
        <div className="max-h-1/2 shrink-0 overflow-y-auto p-1.5">
          <Refused
            onDismiss={() => {
              setRefused([]);
              // The button goes, and the focus with it.
              pane.current?.focus();
            }}
          >
            {refused.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </Refused>
        </div>
      )}
      <div className="min-h-0 flex-1 overflow-auto">
        {error && (
          <div role="alert" className="p-3 text-[13px] text-danger">
            <p>{error}</p>
            <Button className="mt-2" onClick={() => void files.refresh()}>
              Try again
            </Button>
          </div>
        )}
        {status === "loading" && <p className="p-3.5 text-muted">Loading</p>}
        {status === "ready" && entries.length === 0 && emptyFolders.size === 0 && (
          <div className="p-3.5 text-[13px] text-muted">
            <p>
              {isWriting
                ? "Claude is writing the first files."
                : "No files yet. They appear here as Claude writes them."}
            </p>
            <Button className="mt-3 max-md:h-11" onClick={() => adding.choose("")}>
              <Upload size={14} aria-hidden /> Upload files
            </Button>
          </div>
        )}
        {entries.length + emptyFolders.size > 0 && (
          <LazyPart what="The file list" loading={<p className="p-3.5 text-muted">Loading</p>}>
            <FileTree
              files={entries}
              emptyFolders={emptyFolders}
              active={active}
              dirty={dirty}
              changed={changed}
              collapse={collapse}
              onOpen={onOpen}
              onMove={move}
              onDropFiles={adding.add}
              onUpload={adding.choose}
              onNew={(what, inFolder) => setAsking({ what, inFolder })}
              onDelete={(node) => setAsking({ what: "delete", node })}
            />
          </LazyPart>
        )}
      </div>
      {adding.parts}
      {asking?.what === "file" && (
        <NameDialog
          title="New file"
          label="Path"
          initial={asking.inFolder}
          placeholder="src/components/Button.tsx"
          maxLength={512}
          action="Create"
          onSubmit={create}
          onClose={done}
        />
      )}
      {asking?.what === "folder" && (
        <NameDialog
          title="New folder"
          label="Path"
          initial={asking.inFolder}
          placeholder="src/components"
          maxLength={512}
          action="Create"
          onSubmit={async (path) => files.addFolder(path.replace(/^\/+|\/+$/g, ""))}
          onClose={done}
        />
      )}
      {asking?.what === "delete" && (
        <ConfirmDialog
          title={`Delete ${asking.node.name}?`}
          text={`${beginSentence(asking.node, entries)} removed from the app; the history stays.${hasUnsaved(asking.node, dirty) ? " Your unsaved changes there are lost." : ""}`}
          action={asking.node.children ? "Delete folder" : "Delete file"}
          onConfirm={() => remove(asking.node)}
          onClose={done}
        />
      )}
    </section>
  );
}

function beginSentence({ path, children }: TreeNode, entries: readonly { path: string }[]): string {
  if (!children) return `${path} is`;
  const count = entries.filter((file) => file.path.startsWith(`${path}/`)).length;
  return count === 1 ? `${path} and the file in it are` : `${path} and its ${count} files are`;
}

function hasUnsaved({ path, children }: TreeNode, dirty: ReadonlySet<string>): boolean {
  return children ? [...dirty].some((one) => one.startsWith(`${path}/`)) : dirty.has(path);
}
