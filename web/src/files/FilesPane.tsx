import { Download, FilePlus, Pencil, Trash2 } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useStore } from "zustand";
import { ApiError, asApiError } from "../api/errors";
import { Button, ICON_BUTTON, IconButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { NameDialog } from "../ui/NameDialog";
import type { FilesStore } from "./store";
import { useDirty } from "./useDirty";

const importTree = () => import("./FileTree").then(({ FileTree }) => ({ default: FileTree }));
const FileTree = lazy(importTree);

interface FilesPaneProps {
  files: FilesStore;
  onOpen(path: string): void;
}

export function FilesPane({ files, onOpen }: FilesPaneProps) {
  const entries = useStore(files.view, (state) => state.files);
  const active = useStore(files.view, (state) => state.active);
  const status = useStore(files.view, (state) => state.status);
  const error = useStore(files.view, (state) => state.error);
  const dirty = useDirty(files);
  const [asking, setAsking] = useState<"new" | "rename" | "delete" | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  // On its way while the files are asked for; where it cannot be had, showing them says so.
  useEffect(() => void importTree().catch(() => undefined), []);
  const done = () => setAsking(null);
  const create = async (path: string) => {
    await files.create(path).catch((reason: unknown) => {
      // Version 0 was expected, so the conflict is a file that is there.
      throw reason instanceof ApiError && reason.code === "version_conflict"
        ? new ApiError(409, "path_conflict")
        : reason;
    });
    onOpen(path);
  };
  const remove = async (path: string) => {
    setProblem(null);
    try {
      await files.remove(path);
    } catch (reason) {
      setProblem(asApiError(reason).message);
      void files.refresh();
    }
  };
  return (
    <section aria-label="Files" className="flex h-full min-h-0 flex-col bg-paper">
      <header className="flex h-11 shrink-0 items-center justify-between border-b border-line pr-1.5 pl-3.5">
        <h2 className="min-w-0 flex-1 truncate font-medium">
          Files{" "}
          {entries.length > 0 && <span className="font-normal text-muted">{entries.length.toLocaleString()}</span>}
        </h2>
        <IconButton label="New file" onClick={() => setAsking("new")}>
          <FilePlus size={15} aria-hidden />
        </IconButton>
        {active && (
          <>
            <IconButton label={`Rename ${active}`} onClick={() => setAsking("rename")}>
              <Pencil size={14} aria-hidden />
            </IconButton>
            <IconButton label={`Delete ${active}`} onClick={() => setAsking("delete")}>
              <Trash2 size={14} aria-hidden />
            </IconButton>
          </>
        )}
        {entries.length > 0 && (
          <a
            href={files.exportUrl}
            download
            aria-label="Download all files"
            title="Download all files"
            className={ICON_BUTTON}
          >
            <Download size={15} aria-hidden />
          </a>
        )}
      </header>
      <div className="min-h-0 flex-1 overflow-auto">
        {(error ?? problem) && (
          <div role="alert" className="p-3 text-[13px] text-danger">
            <p>{error ?? problem}</p>
            {error && (
              <Button className="mt-2" onClick={() => void files.refresh()}>
                Try again
              </Button>
            )}
          </div>
        )}
        {status === "loading" && <p className="p-3.5 text-muted">Loading</p>}
        {status === "ready" && entries.length === 0 && (
          <p className="p-3.5 text-[13px] text-muted">No files yet. They appear here as the assistant writes them.</p>
        )}
        {entries.length > 0 && (
          <ErrorBoundary what="The file list">
            <Suspense fallback={<p className="p-3.5 text-muted">Loading</p>}>
              <FileTree files={entries} active={active} dirty={dirty} onOpen={onOpen} />
            </Suspense>
          </ErrorBoundary>
        )}
      </div>
      {asking === "new" && (
        <NameDialog
          title="New file"
          label="Path"
          placeholder="src/components/Button.tsx"
          maxLength={512}
          action="Create"
          onSubmit={create}
          onClose={done}
        />
      )}
      {asking === "rename" && active && (
        <NameDialog
          title={`Rename ${active.split("/").at(-1)}`}
          label="New path"
          initial={active}
          placeholder={active}
          maxLength={512}
          action="Rename"
          onSubmit={(path) => files.rename(active, path)}
          onClose={done}
        />
      )}
      {asking === "delete" && active && (
        <ConfirmDialog
          title={`Delete ${active.split("/").at(-1)}?`}
          text={`${active} is removed from the app; its history stays.${dirty.has(active) ? " Your unsaved changes to it are lost." : ""}`}
          action="Delete file"
          onConfirm={() => void remove(active)}
          onClose={done}
        />
      )}
    </section>
  );
}
