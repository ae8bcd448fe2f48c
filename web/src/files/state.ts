import type { StoreApi } from "zustand/vanilla";
import type { FileAction, FileEntry, RulesState } from "../api/types";
import type { Doc } from "./document";

/** The file that holds the app's rules for Claude. */
export const RULES_PATH = "AGENTS.md";

/** A place in a file to look at, lines and columns from 1; a new object each time that somebody asks for it. */
export interface Place {
  path: string;
  line: number;
  column: number;
}

/** What Claude writes into a file at the moment. */
export interface Writing {
  toolId: string;
  toolName: string;
  path: string;
  text: string;
  /** True once all of it was written; the file itself changes a little later. */
  done: boolean;
}

/** What a turn has done to a file. */
export interface TurnChange {
  action: FileAction;
  /** The file as it was before the turn; version 0 where it was not there. */
  before: { path: string; version: number };
}

/** A run of lines that differs from the version before the turn; lines from 1, `end` is the first one after it. */
export interface LineChange {
  kind: "added" | "changed" | "removed";
  start: number;
  end: number;
}

export interface FilesState {
  /** "gone" where the app itself was deleted. */
  status: "loading" | "ready" | "failed" | "gone";
  error: string | null;
  /** The latest revision that this page knows of. */
  revision: number;
  /** Sorted by path. */
  files: readonly FileEntry[];
  byPath: ReadonlyMap<string, FileEntry>;
  /** Set while a change that Claude made to the rules waits for the vendor. */
  rules: RulesState | null;
  /** Folders that were made by hand and hold no file yet: the server knows none. */
  emptyFolders: ReadonlySet<string>;
  /** Paths of the open tabs, in their order. */
  tabs: readonly string[];
  active: string | null;
  /** The tab that gives way to the next one that Claude writes in. */
  previewTab: string | null;
  docs: ReadonlyMap<string, Doc>;
  place: Place | null;
  /** The switch "Follow Claude". */
  follow: boolean;
  /** False from when the vendor goes elsewhere until the turn ends. */
  following: boolean;
  writing: Writing | null;
  /** What the latest turn has changed. */
  changed: ReadonlyMap<string, TurnChange>;
  turnRunning: boolean;
  /** The changed lines of the files that were looked at since the turn ended; null once they were dealt with. */
  reviews: ReadonlyMap<string, readonly LineChange[] | null>;
  /** The latest thing worth saying aloud, e.g. that a file was merged. */
  announcement: string;
}

export type FilesView = StoreApi<FilesState>;

export const INITIAL: FilesState = {
  status: "loading",
  error: null,
  revision: 0,
  files: [],
  byPath: new Map(),
  rules: null,
  emptyFolders: new Set(),
  tabs: [],
  active: null,
  previewTab: null,
  docs: new Map(),
  place: null,
  follow: true,
  following: true,
  writing: null,
  changed: new Map(),
  turnRunning: false,
  reviews: new Map(),
  announcement: "",
};

/** A copy of a map with one entry set, or left out where there is no value. */
export function withEntry<V>(map: ReadonlyMap<string, V>, key: string, value: V | undefined): ReadonlyMap<string, V> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}
