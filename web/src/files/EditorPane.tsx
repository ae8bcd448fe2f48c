import { Eye, EyeOff, Save } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Reference } from "../chat/references";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import type { Theme } from "../ui/theme";
import { MergedBar, WritingBar } from "./bars";
import { ConflictBar } from "./ConflictBar";
import type { CheckpointsStore } from "./checkpoints";
import { EditorBody, importEditor } from "./EditorBody";
import { EditorTabs } from "./EditorTabs";
import { Review } from "./Review";
import type { FilesStore } from "./store";
import { useDirty } from "./useDirty";

export interface EditorPaneProps {
  appId: string;
  files: FilesStore;
  checkpoints: CheckpointsStore;
  theme: Theme;
  /** Monaco does not serve touch devices; there a plain text box does. */
  plain: boolean;
  /** What stands before the tabs. */
  leading?: ReactNode;
  /** The vendor wants to ask about lines of a file. */
  onAskAbout?(reference: Reference): void;
}

/** The open files: tabs, what there is to say about the one that is looked at, and its text. */
export function EditorPane(props: EditorPaneProps) {
  const { files, checkpoints, plain, leading } = props;
  const { tabs, active, docs, previewTab, writingPath, follow, following } = useStore(
    files.view,
    useShallow((state) => ({
      tabs: state.tabs,
      active: state.active,
      docs: state.docs,
      previewTab: state.previewTab,
      writingPath: state.writing && !state.writing.done ? state.writing.path : null,
      follow: state.follow,
      following: state.following,
    })),
  );
  const [closing, setClosing] = useState<string | null>(null);
  const [comparing, setComparing] = useState<string | null>(null);
  const [step, setStep] = useState<{ by: 1 | -1 } | null>(null);
  const dirty = useDirty(files);
  const doc = active ? docs.get(active) : undefined;
  const theirs = doc && comparing === doc.path ? (doc.conflict?.theirs ?? null) : null;

  useEffect(() => {
    // The chat is in use by now; the editor is at hand when the first file is. Where it cannot be had,
    // opening a file says so.
    if (plain) return;
    const timer = setTimeout(() => void importEditor().catch(() => undefined), 1500);
    return () => clearTimeout(timer);
  }, [plain]);

  const panel = useRef<HTMLDivElement>(null);
  const closeNow = (path: string) => {
    files.close(path);
    requestAnimationFrame(() => {
      // The tab that was closed had the focus; its neighbour gets it, or else the empty panel.
      if (document.activeElement !== document.body) return;
      const tab = document.querySelector<HTMLElement>("[role=tab][aria-selected=true]");
      (tab ?? panel.current)?.focus();
    });
  };
  const close = (path: string) => (dirty.has(path) ? setClosing(path) : closeNow(path));
  const FollowIcon = follow ? Eye : EyeOff;

  return (
    <section aria-label="Editor" className="flex h-full min-w-0 flex-1 flex-col bg-surface">
      <div className="flex h-11 shrink-0 items-center border-b border-line bg-paper">
        {leading && <div className="flex shrink-0 items-center pl-1.5">{leading}</div>}
        {tabs.length > 0 && (
          <>
            <EditorTabs
              tabs={tabs}
              active={active}
              previewTab={previewTab}
              dirty={dirty}
              onSelect={files.open}
              onKeep={files.keepTab}
              onClose={close}
            />
            <div className="flex items-center gap-1 px-2">
              {active && (
                <Button className="not-focus-visible:sr-only" onClick={() => close(active)}>
                  Close {active}
                </Button>
              )}
              <Button
                kind="quiet"
                role="switch"
                aria-checked={follow}
                aria-label="Follow Claude"
                title={follow ? "Files open while Claude writes them" : "Files stay closed while Claude writes them"}
                className="px-2 max-md:h-11 max-md:w-11"
                onClick={() => files.turn.setFollow(!follow)}
              >
                <FollowIcon size={16} aria-hidden className={follow ? "text-accent" : ""} />
              </Button>
              <Button
                kind={active && dirty.has(active) ? "primary" : "quiet"}
                disabled={!active || !dirty.has(active) || doc?.status === "saving" || doc?.conflict != null}
                onClick={() => active && void files.save(active)}
                title="Save (Ctrl+S)"
                className="max-md:h-11"
              >
                <Save size={14} aria-hidden />{" "}
                {doc?.status === "saving" ? "Saving" : active && dirty.has(active) ? "Save" : "Saved"}
              </Button>
            </div>
          </>
        )}
      </div>
      {writingPath !== null && (
        <WritingBar
          path={writingPath}
          following={follow && following && writingPath === active}
          onFollow={files.turn.resumeFollowing}
        />
      )}
      {doc?.conflict && (
        <ConflictBar
          path={doc.path}
          conflict={doc.conflict}
          comparing={theirs !== null}
          plain={plain}
          onCompare={(on) => setComparing(on ? doc.path : null)}
          onChoose={(choice) => {
            setComparing(null);
            void files.resolve(doc.path, choice);
          }}
        />
      )}
      {doc?.note && <MergedBar note={doc.note} plain={plain} onDismiss={() => files.dismissNote(doc.path)} />}
      {doc?.error && (
        <p role="alert" className="border-b border-line bg-danger-soft px-3 py-2 text-[13px] text-danger">
          {doc.error}
        </p>
      )}
      {active && (
        <Review
          key={active}
          path={active}
          files={files}
          checkpoints={checkpoints}
          plain={plain}
          onStep={(by) => setStep({ by })}
        />
      )}
      <div
        ref={panel}
        id="editor-panel"
        role="tabpanel"
        tabIndex={-1}
        aria-label={active ?? "No file"}
        className="min-h-0 flex-1 outline-none"
      >
        <EditorBody {...props} theirs={theirs} step={step} />
      </div>
      {closing && (
        <ConfirmDialog
          title="Close without saving?"
          text={`Your changes to ${closing} are not saved and would be lost.`}
          action="Close it"
          onConfirm={() => closeNow(closing)}
          onClose={() => setClosing(null)}
        />
      )}
    </section>
  );
}
