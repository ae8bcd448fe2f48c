/** The open files' texts. While somebody types, the text is the editor's; it is taken from there in pauses. */
import type { Doc } from "./document";
import { withLineEndsOf } from "./lineEnds";
import { type FilesView, withEntry } from "./state";

/** Where the text of an open file is typed. */
export interface TextBuffer {
  read(): string;
  /** Makes it the given text by the smallest edit, so that cursor and undo survive. */
  write(text: string): void;
}

export type Documents = ReturnType<typeof createDocuments>;

export function createDocuments(view: FilesView, pauseMs: number) {
  const buffers = new Map<number, TextBuffer>();
  const waiting = new Map<number, ReturnType<typeof setTimeout>>();

  const get = (path: string) => view.getState().docs.get(path);
  const byId = (id: number) => [...view.getState().docs.values()].find((doc) => doc.id === id);
  const pathOf = (id: number) => byId(id)?.path;
  /** Lets go of an open file's text; the tab stays. */
  const drop = (path: string) => view.setState(({ docs }) => ({ docs: withEntry(docs, path, undefined) }));
  const put = (doc: Doc) => view.setState(({ docs }) => ({ docs: withEntry(docs, doc.path, doc) }));

  /** Takes over what was typed since the last pause. */
  function take(id: number): void {
    clearTimeout(waiting.get(id));
    if (!waiting.delete(id)) return;
    const doc = byId(id);
    const buffer = buffers.get(id);
    if (!doc || !buffer) return;
    const content = withLineEndsOf(doc.base, buffer.read());
    put({ ...doc, content, dirty: content !== doc.base });
  }

  /** The document with all that was typed up to now. */
  function current(path: string): Doc | undefined {
    const known = get(path);
    if (known) take(known.id);
    return get(path);
  }

  function patch(path: string, change: Partial<Doc>): void {
    const before = current(path);
    if (!before) return;
    const doc = { ...before, ...change };
    const { content, base } = change;
    if (content !== undefined || base !== undefined) {
      doc.dirty = doc.status !== "loading" && doc.content !== doc.base;
    }
    put(doc);
    if (content !== undefined && content !== before.content) buffers.get(doc.id)?.write(content);
  }

  /** Says that an editor holds the text from now on; gives the way to take it back. */
  function attach(id: number, buffer: TextBuffer): () => void {
    buffers.set(id, buffer);
    // It may have been made from a text that is outdated by now.
    const doc = byId(id);
    if (doc) buffer.write(doc.content);
    return () => {
      if (buffers.get(id) !== buffer) return;
      take(id);
      buffers.delete(id);
    };
  }

  /** The vendor has typed. Costs the same whatever the length of the text. */
  function typed(id: number): void {
    clearTimeout(waiting.get(id));
    waiting.set(
      id,
      setTimeout(() => take(id), pauseMs),
    );
    const doc = byId(id);
    if (doc && (!doc.dirty || doc.error)) put({ ...doc, dirty: true, error: null });
  }

  return { get, current, pathOf, put, drop, patch, attach, typed };
}
