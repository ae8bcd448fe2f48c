import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { asApiError } from "../api/errors";
import { ConfirmDialog } from "../ui/Dialog";
import { AddingError } from "./adding";
import type { FilesStore } from "./store";
import { folderPrefix } from "./treeNodes";

interface Adding {
  files: readonly File[];
  /** With its slash; "" at the top. */
  inFolder: string;
}

export interface AddingFiles {
  /** Adds files of the vendor's own machine; asks before one takes the place of another. */
  add(files: readonly File[], inFolder: string): void;
  /** Has the vendor choose files for a folder. */
  choose(inFolder: string): void;
  /** True while files are held where they would fall into the top folder. */
  isOverTop: boolean;
  /** For the element around the tree: what is dropped beside the tree's folders is for the top folder. */
  dropping: Record<"onDragOverCapture" | "onDragLeave" | "onDropCapture" | "onDrop", (event: DragEvent) => void>;
  /** Has to be drawn somewhere: the question, and the field that opens the browser's own dialog. */
  parts: ReactNode;
}

const pathIn = (folder: string, file: File) => folder + file.name.normalize("NFC");

/** `onRefused` is told of each file that was not added, in a sentence; of none when adding begins. */
export function useAdding(
  files: FilesStore,
  onOpen: (path: string) => void,
  onRefused: (sentences: readonly string[]) => void,
): AddingFiles {
  const [asking, setAsking] = useState<(Adding & { existing: string[] }) | null>(null);
  const [isOverTop, setOverTop] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const folder = useRef("");

  const addAll = async ({ files: added, inFolder }: Adding) => {
    onRefused([]);
    const refused: string[] = [];
    for (const file of added) {
      await files.add(pathIn(inFolder, file), file).catch((reason: unknown) => {
        refused.push(reason instanceof AddingError ? reason.message : `${file.name}: ${asApiError(reason).message}`);
      });
    }
    if (refused.length > 0) {
      onRefused(refused);
      void files.refresh();
    } else if (added[0] && added.length === 1) onOpen(pathIn(inFolder, added[0]));
  };
  const add = (added: readonly File[], inFolder: string) => {
    const { byPath } = files.view.getState();
    const existing = added.map((file) => pathIn(inFolder, file)).filter((path) => byPath.has(path));
    if (existing.length > 0) setAsking({ files: added, inFolder, existing });
    else void addAll({ files: added, inFolder });
  };

  const parts = (
    <>
      <input
        ref={field}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={({ target }) => {
          add([...(target.files ?? [])], folder.current);
          // The same file can be chosen again.
          target.value = "";
        }}
      />
      {asking && (
        <ConfirmDialog
          title={asking.existing.length === 1 ? `Replace ${asking.existing[0]}?` : "Replace files?"}
          text={`${asking.existing.join(", ")} ${asking.existing.length === 1 ? "is" : "are"} there already. The history keeps what is replaced.`}
          action="Replace"
          onConfirm={() => void addAll(asking)}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  );
  return {
    add,
    choose: (inFolder) => {
      folder.current = inFolder;
      field.current?.click();
    },
    isOverTop,
    dropping: {
      // On the way down: rows of the tree keep the event to themselves.
      onDragOverCapture: (event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        const path = event.target instanceof Element && event.target.closest<HTMLElement>("[data-path]")?.dataset.path;
        setOverTop(!path || (files.view.getState().byPath.has(path) && folderPrefix(path) === ""));
      },
      onDragLeave: (event) => {
        const isInside = event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget);
        if (!isInside) setOverTop(false);
      },
      onDropCapture: () => setOverTop(false),
      onDrop: (event) => {
        // A folder of the tree has taken them already.
        if (event.defaultPrevented || event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        add([...event.dataTransfer.files], "");
      },
    },
    parts,
  };
}
