import { type DragEvent, useEffect, useRef, useState } from "react";

interface FileDrop {
  /** True while files are held over the element. */
  isOver: boolean;
  /** For the element that files can be dropped on. */
  target: Record<"onDragEnter" | "onDragLeave" | "onDragOver" | "onDrop", (event: DragEvent) => void>;
}

/** Lets files be dropped on an element. Beside it they fall on nothing: the page is not left for a picture. */
export function useFileDrop(onFiles: (files: File[]) => void): FileDrop {
  const [isOver, setOver] = useState(false);
  /** How many elements, one inside the other, the files are held over. */
  const depth = useRef(0);
  const enter = (step: 1 | -1) => {
    depth.current += step;
    setOver(depth.current > 0);
  };

  useEffect(() => {
    const keepPage = (event: globalThis.DragEvent) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    };
    window.addEventListener("dragover", keepPage);
    window.addEventListener("drop", keepPage);
    return () => {
      window.removeEventListener("dragover", keepPage);
      window.removeEventListener("drop", keepPage);
    };
  }, []);

  const ifFiles = (then: (event: DragEvent) => void) => (event: DragEvent) => {
    if (event.dataTransfer.types.includes("Files")) then(event);
  };
  return {
    isOver,
    target: {
      onDragEnter: ifFiles(() => enter(1)),
      onDragLeave: ifFiles(() => enter(-1)),
      onDragOver: ifFiles((event) => {
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      }),
      onDrop: ifFiles((event) => {
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      }),
    },
  };
}

/** The files of a paste, unless they are pictures of text that comes along, as from a word processor. */
export function pastedFiles(clipboard: Pick<DataTransfer, "files" | "getData">): File[] {
  const isText = clipboard.getData("text/plain") !== "" && clipboard.getData("text/html") !== "";
  return isText ? [] : [...clipboard.files];
}

/** A browser calls every picture that is pasted the same; among those that are `taken` each gets a name of its own. */
export function named(files: readonly File[], taken: readonly string[]): File[] {
  let number = 1;
  return files.map((file) => {
    const [, ending] = /^image(\.\w+)$/.exec(file.name) ?? [];
    if (!ending) return file;
    while (taken.some((name) => name.startsWith(`Pasted picture ${number}.`))) number += 1;
    return new File([file], `Pasted picture ${number++}${ending}`, { type: file.type });
  });
}
