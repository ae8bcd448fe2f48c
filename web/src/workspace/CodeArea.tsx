import { PanelLeft } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { IconButton } from "../ui/Button";
import { storage } from "../ui/storage";
import type { Room } from "./layout";
import { Split } from "./Split";

interface CodeAreaProps {
  room: Room;
  /** The list of files; `close` takes it away where it lies over the editor. */
  tree(close: () => void): ReactNode;
  /** The editor; `toggle` is the button that shows and hides the list. */
  editor(toggle: ReactNode): ReactNode;
}

const KEY = "tree";

/** The files beside the editor where there is room for both, else in a sheet over it. */
export function CodeArea({ room, tree, editor }: CodeAreaProps) {
  const beside = room === "desktop" || room === "wide";
  const [open, setOpen] = useState(() => storage.getItem(KEY) !== "closed");
  const [sheet, setSheet] = useState(false);
  const shown = beside ? open : sheet;
  const toggle = (
    <IconButton
      label={shown ? "Hide files" : "Show files"}
      aria-expanded={shown}
      className="max-md:size-11"
      onClick={() => {
        if (!beside) return setSheet(!sheet);
        storage.setItem(KEY, open ? "closed" : "open");
        setOpen(!open);
      }}
    >
      <PanelLeft size={16} aria-hidden />
    </IconButton>
  );
  return (
    <div className="relative h-full min-h-0">
      <Split
        id="code"
        handleLabel="Width of the file list"
        parts={[
          { id: "tree", shown: beside && open, share: 22, min: 150, content: beside && tree(() => undefined) },
          { id: "editor", shown: true, share: 78, min: 240, content: editor(toggle) },
        ]}
      />
      {!beside && sheet && <Sheet onClose={() => setSheet(false)}>{tree(() => setSheet(false))}</Sheet>}
    </div>
  );
}

/** Over the editor, until a file is picked, Esc is pressed, or what lies beside it is touched. */
function Sheet({ onClose, children }: { onClose(): void; children: ReactNode }) {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.focus(), []);
  return (
    <div className="absolute inset-0 z-20 flex">
      <div
        ref={panel}
        role="dialog"
        aria-label="Files"
        tabIndex={-1}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || event.defaultPrevented) return;
          event.stopPropagation();
          onClose();
        }}
        className="h-full w-[min(20rem,85%)] border-r border-line bg-paper shadow-xl outline-none"
      >
        {children}
      </div>
      <button type="button" aria-label="Close the file list" onClick={onClose} className="flex-1 bg-black/30" />
    </div>
  );
}
