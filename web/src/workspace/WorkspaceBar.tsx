import {
  Download,
  FileSearch,
  GitBranch,
  GitCompare,
  Globe,
  MoreHorizontal,
  Redo2,
  Save,
  Search,
  SquarePen,
  Undo2,
} from "lucide-react";
import { lazy, type ReactNode, useCallback, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { Api } from "../api/client";
import type { FilesStore } from "../files/store";
import type { UndoSteps } from "../files/undoSteps";
import type { PublishState, PublishTab } from "../publish/PublishDialog";
import { Button, ICON_BUTTON, IconButton } from "../ui/Button";
import { LazyPart } from "../ui/LazyPart";
import { Menu, type MenuItem } from "../ui/Menu";
import { Notice } from "../ui/Notice";
import type { Room } from "./layout";
import type { PaletteAction } from "./Palette";
import type { View } from "./place";
import { MOD, useShortcuts } from "./shortcuts";
import { ModelName, TopBar } from "./TopBar";
import { CANVAS_VIEWS, ViewSwitch } from "./ViewSwitch";

const importPalette = () => import("./Palette");
const Palette = lazy(importPalette);
const importPublish = () => import("../publish/PublishDialog");
const PublishDialog = lazy(importPublish);
/** The page is in use by then: what is not on its way is brought, to be there when it is asked for. */
const LATER_MS = 1500;

const PUBLISH_WORDS: Record<PublishState, string> = {
  none: "Publish",
  live: "Live",
  changed: "Publish changes",
  busy: "Publishing",
};

interface WorkspaceBarProps {
  api: Api;
  appId: string;
  files: FilesStore;
  /** The paths of the app's files. */
  paths: readonly string[];
  steps: UndoSteps;
  /** Claude changes files at present, which nobody should undo under its hands. */
  working: boolean;
  room: Room;
  chosen: View;
  badges: ReadonlyMap<View, ReactNode>;
  model: string | null;
  isDemo: boolean;
  picker: ReactNode;
  /** What the menu offers for the whole page. */
  pageActions: MenuItem[];
  onViewChange(view: View): void;
  onOpenFile(path: string, line?: number, column?: number): void;
  onOpenChat(sessionId: string | null): void;
  onSearch(): void;
  onAskClaude(text: string): void;
}

/** The line across the top of an open app: its views, and all that can be done with it, also by keys and by name. */
export function WorkspaceBar(props: WorkspaceBarProps) {
  const { api, appId, files, paths, steps, working, room, chosen, badges, model, isDemo, picker, pageActions } = props;
  const { onViewChange, onOpenFile, onOpenChat, onSearch, onAskClaude } = props;
  const { undone, canUndo, busy, problem } = useStore(steps.view);
  const [finding, setFinding] = useState(false);
  const [tab, setTab] = useState<PublishTab | null>(null);
  /** From some time on the dialog is there, closed: it knows whether the app is live, and what is under way. */
  const [isLater, setLater] = useState(false);
  const [state, setState] = useState<PublishState>("none");
  const listChats = useCallback(() => api.listSessions(appId), [api, appId]);
  const download = () => {
    // Not a way to another page: where the answer is a refusal, this one stays.
    const link = document.createElement("a");
    link.href = files.exportUrl;
    link.download = "";
    link.click();
  };
  const saveAll = () => void files.saveAll();
  const undo = () => void steps.undo();
  const redo = () => void steps.redo();
  const mayUndo = canUndo && !busy && !working;
  const mayRedo = undone > 0 && !busy && !working;
  useShortcuts({ k: () => setFinding(true), p: () => setFinding(true), s: saveAll, "shift+f": onSearch });

  useEffect(() => {
    const timer = setTimeout(() => {
      void importPalette().catch(() => undefined);
      void importPublish()
        .then(() => setLater(true))
        .catch(() => undefined);
    }, LATER_MS);
    return () => clearTimeout(timer);
  }, []);

  const actions: PaletteAction[] = [
    { label: "New chat", icon: SquarePen, run: () => onOpenChat(null) },
    { label: "Search in files", icon: FileSearch, hint: `${MOD}Shift+F`, run: onSearch },
    { label: "Save all files", icon: Save, hint: `${MOD}S`, run: saveAll },
    { label: "Publish", icon: Globe, run: () => setTab("site") },
    { label: "Git", icon: GitBranch, run: () => setTab("git") },
    { label: "Download all files", icon: Download, run: download },
    ...(mayUndo ? [{ label: "Undo the latest change", icon: Undo2, run: undo }] : []),
    ...(mayRedo ? [{ label: "Redo the change", icon: Redo2, run: redo }] : []),
    ...CANVAS_VIEWS.map(({ id, label, icon }) => ({ label: `Show ${label}`, icon, run: () => onViewChange(id) })),
  ];
  const onPhone: MenuItem[] = [
    { label: PUBLISH_WORDS[state], icon: Globe, onSelect: () => setTab("site") },
    { label: "Changes", icon: GitCompare, onSelect: () => onViewChange("changes") },
    { label: "Undo the latest change", icon: Undo2, disabled: !mayUndo, onSelect: undo },
    { label: "Redo", icon: Redo2, disabled: !mayRedo, onSelect: redo },
  ];
  const menu: MenuItem[] = [
    ...(room === "phone" ? onPhone : []),
    { label: "Git", icon: GitBranch, onSelect: () => setTab("git") },
    { label: "Download all files", icon: Download, disabled: paths.length === 0, onSelect: download },
    { separator: true },
    ...pageActions,
  ];

  return (
    <>
      <TopBar
        picker={picker}
        center={room !== "phone" && <ViewSwitch chosen={chosen} badges={badges} onChoose={onViewChange} />}
        actions={
          <>
            <ModelName model={model} isDemo={isDemo} />
            {room !== "phone" && (
              <div className="flex">
                <IconButton label="Undo the latest change" disabled={!mayUndo} onClick={undo}>
                  <Undo2 size={16} aria-hidden />
                </IconButton>
                <IconButton label="Redo" disabled={!mayRedo} onClick={redo}>
                  <Redo2 size={16} aria-hidden />
                </IconButton>
                <IconButton
                  className="max-lg:hidden"
                  label="Download all files"
                  disabled={paths.length === 0}
                  onClick={download}
                >
                  <Download size={16} aria-hidden />
                </IconButton>
              </div>
            )}
            <IconButton
              label={`Find files, chats and actions (${MOD}K)`}
              className="max-md:size-11"
              onClick={() => setFinding(true)}
            >
              <Search size={16} aria-hidden />
            </IconButton>
            {room !== "phone" && (
              <Button
                kind={state === "live" ? "outline" : "primary"}
                title={state === "live" ? "The published app is the one that you see here" : undefined}
                onClick={() => setTab("site")}
              >
                {state === "live" ? (
                  <span aria-hidden className="size-2 rounded-full bg-accent" />
                ) : (
                  <Globe size={14} aria-hidden className={state === "busy" ? "animate-spin" : ""} />
                )}
                {state === "changed" ? (
                  <span>
                    Publish<span className="max-lg:sr-only"> changes</span>
                  </span>
                ) : (
                  PUBLISH_WORDS[state]
                )}
              </Button>
            )}
            <Menu label="More" items={menu} className={`${ICON_BUTTON} max-md:size-11`}>
              <MoreHorizontal size={17} aria-hidden />
            </Menu>
          </>
        }
      />
      {problem && <Notice text={problem} action="Try again" onAction={undo} />}
      {(isLater || tab) && (
        <LazyPart what="The dialog">
          <PublishDialog
            api={api}
            appId={appId}
            files={files}
            tab={tab}
            onTab={setTab}
            working={working}
            onState={setState}
            onOpenFile={onOpenFile}
            onAskClaude={onAskClaude}
          />
        </LazyPart>
      )}
      {finding && (
        <LazyPart what="The palette">
          <Palette
            files={paths}
            actions={actions}
            listChats={listChats}
            onOpenFile={onOpenFile}
            onOpenChat={onOpenChat}
            onClose={() => setFinding(false)}
          />
        </LazyPart>
      )}
    </>
  );
}
