import { Code2, Save } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import type { Theme } from "../ui/theme";
import { ConflictBar } from "./ConflictBar";
import type { Doc } from "./doc";
import { EditorTabs } from "./EditorTabs";
import { PlainEditor } from "./PlainEditor";
import type { FilesStore } from "./store";
import { useDirty } from "./useDirty";

const importEditor = () => import("../editor/MonacoEditor");
const MonacoEditor = lazy(importEditor);
const DiffView = lazy(() => import("../editor/DiffView"));

interface EditorPaneProps {
  appId: string;
  files: FilesStore;
  theme: Theme;
  /** Monaco does not serve touch devices; there a plain text box does. */
  plain: boolean;
}

export function EditorPane({ appId, files, theme, plain }: EditorPaneProps) {
  const { tabs, active, docs } = useStore(files.view);
  const [closing, setClosing] = useState<string | null>(null);
  const [comparing, setComparing] = useState<string | null>(null);
  const dirty = useDirty(files);
  const doc = active ? docs[active] : undefined;
  const theirs = doc && comparing === doc.path ? (doc.conflict?.theirs ?? null) : null;
  const loaded = useMemo(() => tabs.flatMap((path) => loadedDoc(docs[path])), [tabs, docs]);

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

  return (
    <section
      aria-label="Editor"
      className="flex h-full min-w-0 flex-1 flex-col bg-surface"
      onKeyDown={(event) => {
        if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          if (active) void files.save(active);
        }
      }}
    >
      {tabs.length > 0 && (
        <div className="flex h-11 shrink-0 items-center border-b border-line bg-paper">
          <EditorTabs tabs={tabs} active={active} dirty={dirty} onSelect={files.open} onClose={close} />
          <div className="flex items-center gap-2 px-2">
            {active && (
              <Button className="not-focus-visible:sr-only" onClick={() => close(active)}>
                Close {active}
              </Button>
            )}
            <Button
              kind={active && dirty.has(active) ? "primary" : "quiet"}
              disabled={!active || !dirty.has(active) || doc?.status === "saving" || doc?.conflict != null}
              onClick={() => active && void files.save(active)}
              title="Save (Ctrl+S)"
            >
              <Save size={14} aria-hidden />{" "}
              {doc?.status === "saving" ? "Saving" : active && dirty.has(active) ? "Save" : "Saved"}
            </Button>
          </div>
        </div>
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
      {doc?.error && (
        <p role="alert" className="border-b border-line bg-danger-soft px-3 py-2 text-[13px] text-danger">
          {doc.error}
        </p>
      )}
      <div
        ref={panel}
        id="editor-panel"
        role="tabpanel"
        tabIndex={-1}
        aria-label={active ?? "No file"}
        className="min-h-0 flex-1 outline-none"
      >
        {!active && <NoFile />}
        {active && doc?.status === "loading" && <p className="working p-5 text-muted">Loading {active} </p>}
        {active && plain && theirs !== null && <StoredVersion content={theirs} />}
        {active && plain && theirs === null && loaded.some((file) => file.path === active) && (
          <PlainEditor path={active} content={doc?.content ?? ""} onChange={files.edit} />
        )}
        {active && !plain && loaded.some((file) => file.path === active) && (
          <ErrorBoundary what="The editor">
            <Suspense fallback={<p className="working p-5 text-muted">Loading the editor </p>}>
              {theirs !== null && (
                <DiffView path={active} theirs={theirs} mine={doc?.content ?? ""} theme={theme} onChange={files.edit} />
              )}
              <div className={theirs === null ? "h-full" : "hidden"}>
                <MonacoEditor
                  appId={appId}
                  files={loaded}
                  activeFile={active}
                  theme={theme}
                  onFileChange={files.edit}
                  onSave={(path) => void files.save(path)}
                />
              </div>
            </Suspense>
          </ErrorBoundary>
        )}
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

function loadedDoc(doc: Doc | undefined): Doc[] {
  return doc && doc.status !== "loading" && (doc.status !== "failed" || doc.baseVersion > 0) ? [doc] : [];
}

/** On a small screen the two versions are looked at one after the other. */
function StoredVersion({ content }: { content: string }) {
  return (
    <pre
      tabIndex={0}
      aria-label="Stored version"
      className="h-full overflow-auto p-3.5 font-mono text-[13px] leading-5 -outline-offset-2"
    >
      {content}
    </pre>
  );
}

function NoFile() {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-3 p-8 text-center text-muted">
      <Code2 size={30} strokeWidth={1.25} aria-hidden />
      <p>
        No file is open.
        <br />
        Pick one from the list, or let the assistant write the first.
      </p>
    </div>
  );
}
