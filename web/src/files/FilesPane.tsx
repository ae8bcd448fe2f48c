import { RotateCw } from "lucide-react";
import { useStore } from "zustand";
import { IconButton } from "../ui/Button";
import { useDirty } from "./EditorPane";
import { FileTree } from "./FileTree";
import type { FilesStore } from "./store";

interface FilesPaneProps {
  files: FilesStore;
  onOpen(path: string): void;
}

export function FilesPane({ files, onOpen }: FilesPaneProps) {
  const { files: entries, active, status, error } = useStore(files.view);
  const dirty = useDirty(files);
  return (
    <section aria-label="Files" className="flex h-full min-h-0 flex-col bg-paper">
      <header className="flex h-11 shrink-0 items-center justify-between border-b border-line pr-1.5 pl-3.5">
        <h2 className="font-medium">
          Files {entries.length > 0 && <span className="font-normal text-muted">{entries.length}</span>}
        </h2>
        <IconButton label="Reload the list" onClick={() => void files.refresh()}>
          <RotateCw size={15} aria-hidden />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-auto">
        {error && (
          <p role="alert" className="p-3 text-[13px] text-danger">
            {error}
          </p>
        )}
        {status === "loading" && <p className="p-3.5 text-muted">Loading</p>}
        {status === "ready" && entries.length === 0 && (
          <p className="p-3.5 text-[13px] text-muted">No files yet. They appear here as the assistant writes them.</p>
        )}
        {entries.length > 0 && <FileTree files={entries} active={active} dirty={dirty} onOpen={onOpen} />}
      </div>
    </section>
  );
}
