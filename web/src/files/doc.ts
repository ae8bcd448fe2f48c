/** An open file: what is stored, what was typed, and where the two cannot come together by themselves. */
import { isRecord } from "../api/errors";

/** Another version of the file that cannot simply be taken over. */
export interface Conflict {
  /** Null where the file was deleted. */
  theirs: string | null;
  version: number;
  /** Both sides' changes together, where they do not touch the same lines. */
  merged: string | null;
}

export interface Doc {
  path: string;
  /** The last text known to both sides, and its version; 0 = not stored. */
  base: string;
  baseVersion: number;
  content: string;
  status: "loading" | "ready" | "saving" | "failed";
  conflict: Conflict | null;
  error: string | null;
}

export function isDirty(doc: Doc | undefined): boolean {
  return doc !== undefined && doc.status !== "loading" && doc.content !== doc.base;
}

export function emptyDoc(path: string): Doc {
  return { path, base: "", baseVersion: 0, content: "", status: "loading", conflict: null, error: null };
}

/** What a save was refused for, from the `file` of its 409; null where the file was deleted. */
export async function conflictOf(known: Doc, file: unknown): Promise<Conflict> {
  if (!isRecord(file) || typeof file.content !== "string" || typeof file.version !== "number") {
    return { theirs: null, version: 0, merged: null };
  }
  const merged = await merge(known.content, known.base, file.content);
  return { theirs: file.content, version: file.version, merged };
}

/** Merging comes with the first edit of both sides, not with the page. */
export async function merge(mine: string, base: string, theirs: string): Promise<string | null> {
  const { merge } = await import("./merge");
  return merge(mine, base, theirs);
}
