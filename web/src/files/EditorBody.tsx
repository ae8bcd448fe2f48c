import { Code2 } from "lucide-react";
import { lazy, useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { LazyPart } from "../ui/LazyPart";
import { isLoaded } from "./document";
import type { EditorPaneProps } from "./EditorPane";
import { plainText } from "./lineEnds";
import { PlainEditor } from "./PlainEditor";

export const importEditor = () => import("../editor/MonacoEditor");
const MonacoEditor = lazy(importEditor);
const DiffView = lazy(() => import("../editor/DiffView"));
const BinaryView = lazy(() => import("./BinaryView"));
const WritingView = lazy(() => import("../editor/WritingView"));

interface EditorBodyProps extends EditorPaneProps {
  /** The stored version to compare with, where the vendor has asked for that. */
  theirs: string | null;
  step: { by: 1 | -1 } | null;
}

/** The text of the active file: to be edited, compared, or watched while Claude writes it. */
export function EditorBody({ appId, files, theme, plain, theirs, step, onAskAbout }: EditorBodyProps) {
  const { tabs, active, docs, byPath, writing, follow, following, place, reviews, changed } = useStore(files.view);
  const loaded = useMemo(() => tabs.map((path) => docs.get(path)).filter(isLoaded), [tabs, docs]);
  const doc = active === null ? undefined : docs.get(active);
  if (active === null) return <NoFile />;

  const watched = writing?.path === active ? writing : null;
  // What the vendor has typed is never covered by what Claude writes.
  const text = watched && watched.toolName !== "edit_file" && !doc?.dirty ? watched.text : null;
  const isFollowing = follow && following;
  if (text !== null && plain) return <GrowingText path={active} text={text} following={isFollowing} />;
  if (plain && theirs !== null) return <StoredVersion content={theirs} />;
  const entry = byPath.get(active);
  const binary = text === null && entry?.binary && !doc && (
    <LazyPart what="The file" loading={<Loading path={active} />}>
      <BinaryView key={active} files={files} entry={entry} />
    </LazyPart>
  );
  if (plain && binary) return binary;
  if (plain) {
    return isLoaded(doc) ? (
      <PlainEditor path={active} text={plainText(doc.content)} place={place} onChange={files.edit} />
    ) : (
      <Loading path={active} />
    );
  }
  const ready = isLoaded(doc);
  const incoming = ready && watched?.toolName === "edit_file" && isFollowing ? watched.text : null;
  return (
    <LazyPart what="The editor" loading={<p className="working p-5 text-muted">Loading the editor </p>}>
      {text !== null && (
        <WritingView
          path={active}
          text={text}
          theme={theme}
          following={isFollowing}
          onTouched={files.turn.stopFollowing}
        />
      )}
      {binary}
      {text === null && !ready && !binary && <Loading path={active} />}
      {theirs !== null && ready && (
        <DiffView path={active} theirs={theirs} mine={doc.content} theme={theme} onChange={files.edit} />
      )}
      {loaded.length > 0 && (
        <div className={text === null && ready && theirs === null ? "h-full" : "hidden"}>
          <MonacoEditor
            appId={appId}
            files={loaded}
            activeFile={active}
            texts={files}
            theme={theme}
            place={place}
            // Of a new file, each line would be marked.
            changes={changed.get(active)?.action === "created" ? null : (reviews.get(active) ?? null)}
            step={step}
            incoming={incoming}
            onSave={(path) => void files.save(path)}
            onAsk={(path, { line, endLine, text: selected }) => {
              const label = `${path.slice(path.lastIndexOf("/") + 1)}:${line === endLine ? line : `${line}-${endLine}`}`;
              onAskAbout?.({ kind: "selection", label, path, line, endLine, text: selected });
            }}
            onTouched={files.turn.stopFollowing}
          />
        </div>
      )}
    </LazyPart>
  );
}

function Loading({ path }: { path: string }) {
  return <p className="working p-5 text-muted">Loading {path} </p>;
}

interface GrowingTextProps {
  path: string;
  text: string;
  following: boolean;
}

/** What Claude writes, on a small screen. */
function GrowingText({ path, text, following }: GrowingTextProps) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (following && box.current && text) box.current.scrollTop = box.current.scrollHeight;
  }, [text, following]);
  return (
    <section
      ref={box}
      tabIndex={0}
      aria-label={`${path}, while Claude writes it`}
      className="h-full overflow-auto p-3.5 -outline-offset-2"
    >
      <pre className="font-mono text-[13px] leading-5">{text}</pre>
    </section>
  );
}

/** On a small screen the two versions are looked at one after the other. */
function StoredVersion({ content }: { content: string }) {
  return (
    <section tabIndex={0} aria-label="Stored version" className="h-full overflow-auto p-3.5 -outline-offset-2">
      <pre className="font-mono text-[13px] leading-5">{content}</pre>
    </section>
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
