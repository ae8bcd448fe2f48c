/** An open file: what is stored, what was typed, and where the two cannot come together by themselves. */
import { isRecord } from "../api/errors";
import { merge } from "./merge";

/** Another version of the file that cannot simply be taken over. */
export interface Conflict {
  /** Null where the file was deleted, or is no text any more. */
  theirs: string | null;
  /** 0 where the file was deleted. */
  version: number;
  /** Both sides' changes together, where they do not touch the same lines. */
  merged: string | null;
}

export interface Doc {
  /** Stays the same when the file is renamed. */
  id: number;
  path: string;
  /** The last text known to both sides, and its version; 0 = not stored. */
  base: string;
  baseVersion: number;
  /** One's own text, as it was last taken from where it is typed. */
  content: string;
  /** True while there is something to save. */
  dirty: boolean;
  status: "loading" | "ready" | "saving" | "failed";
  conflict: Conflict | null;
  error: string | null;
  /** What happened to the text without the vendor's doing, until it is dismissed. */
  note: string | null;
}

let lastId = 0;

export function newDoc(path: string, stored: Partial<Doc> = {}): Doc {
  lastId += 1;
  return {
    id: lastId,
    path,
    base: "",
    baseVersion: 0,
    content: "",
    dirty: false,
    status: "loading",
    conflict: null,
    error: null,
    note: null,
    ...stored,
  };
}

/** True where there is a text to show. */
export function isLoaded(doc: Doc | undefined): doc is Doc {
  return doc !== undefined && doc.status !== "loading" && (doc.status !== "failed" || doc.baseVersion > 0);
}

/** What a save was refused for, from the `file` of its 409; null where the file was deleted. */
export function conflictOf(known: Doc, file: unknown): Conflict {
  const version = isRecord(file) && typeof file.version === "number" ? file.version : 0;
  if (!isRecord(file) || typeof file.content !== "string") return { theirs: null, version, merged: null };
  const merged = merge(known.content, known.base, file.content);
  return { theirs: file.content, version, merged };
}
