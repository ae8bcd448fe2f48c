import { PanelLeft } from "lucide-react";
import { lazy, type ReactNode, useEffect, useRef, useState } from "react";
import type { ChatInbox } from "../chat/inbox";
import type { CheckpointsStore } from "../files/checkpoints";
import type { ContentsStore } from "../files/contents";
import { EditorPane } from "../files/EditorPane";
import { FilesPane } from "../files/FilesPane";
import type { FilesStore } from "../files/store";
import { IconButton } from "../ui/Button";
import { LazyPart } from "../ui/LazyPart";
import { storage } from "../ui/storage";
import type { Theme } from "../ui/theme";
import type { Room } from "./layout";
import { Split } from "./Split";

const SearchPanel = lazy(() => import("../files/SearchPanel").then(({ SearchPanel }) => ({ default: SearchPanel })));

interface CodeViewProps {
  appId: string;
  room: Room;
  theme: Theme;
  files: FilesStore;
  checkpoints: CheckpointsStore;
  contents: ContentsStore;
  inbox: ChatInbox;
  /** The search in files stands in place of the tree. */
  searching: boolean;
  onSearch(on: boolean): void;
  /** The chat has something new from here, which one should see. */
  onChat(): void;
}

const KEY = "tree";

/** The files beside the editor where there is room for both, else in a sheet over it. */
export function CodeView(props: CodeViewProps) {
  const { appId, room, theme, files, checkpoints, contents, inbox, searching, onSearch, onChat } = props;
  const beside = room === "desktop" || room === "wide";
  const [open, setOpen] = useState(() => storage.getItem(KEY) !== "closed");
  const [sheet, setSheet] = useState(false);
  const shown = beside ? open || searching : sheet || searching;
  const close = () => {
    onSearch(false);
    if (!beside) setSheet(false);
  };
  const toggle = (
    <IconButton
      label={shown ? "Hide files" : "Show files"}
      aria-expanded={shown}
      className="max-md:size-11"
      onClick={() => {
        onSearch(false);
        if (!beside) return setSheet(!shown);
        storage.setItem(KEY, shown ? "closed" : "open");
        setOpen(!shown);
      }}
    >
      <PanelLeft size={16} aria-hidden />
    </IconButton>
  );
  const tree = searching ? (
    <LazyPart what="The search">
      <SearchPanel
        contents={contents}
        onClose={close}
        onOpen={(path, line, column) => {
          files.open(path, { line, column });
          if (!beside) close();
        }}
      />
    </LazyPart>
  ) : (
    <FilesPane
      files={files}
      onSearch={() => onSearch(true)}
      onOpen={(path) => {
        files.open(path);
        if (!beside) close();
      }}
    />
  );
  return (
    <div className="relative h-full min-h-0">
      <Split
        id="code"
        handleLabel="Width of the file list"
        parts={[
          { id: "tree", shown: beside && shown, share: room === "wide" ? 30 : 22, min: 150, content: beside && tree },
          {
            id: "editor",
            shown: true,
            share: room === "wide" ? 70 : 78,
            min: 240,
            content: (
              <EditorPane
                appId={appId}
                files={files}
                checkpoints={checkpoints}
                theme={theme}
                plain={room === "phone"}
                leading={toggle}
                onAskAbout={(reference) => {
                  inbox.attach(reference);
                  onChat();
                }}
              />
            ),
          },
        ]}
      />
      {!beside && shown && <Sheet onClose={close}>{tree}</Sheet>}
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
        aria-label="Files of the app"
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
