import { createStore } from "zustand/vanilla";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { FileEntry, FileWithMaybeContent } from "../api/types";
import type { Asset } from "../preview/model";
import type { Assets, BinaryFile } from "./assets";
import { isLoaded } from "./document";
import type { FilesStore } from "./store";

export interface ContentsState {
  status: "loading" | "ready" | "failed";
  /** The text of every file as it is now, what is typed and not saved included; large and binary files are left out. */
  files: ReadonlyMap<string, string>;
  /** Every file that is no text, for the preview; those that no text names are empty. */
  assets: ReadonlyMap<string, Asset>;
}

export interface ContentsStoreOptions {
  api: Pick<Api, "readContents" | "readFile" | "readBytes">;
  appId: string;
  files: FilesStore;
}

export type ContentsStore = ReturnType<typeof createContentsStore>;

/** Longer texts are not sent with the listing either, and neither preview nor search has a use for them. */
const MAX_BYTES = 200_000;
/** With more files than this to read again, all are asked for at once. */
const ONE_BY_ONE = 6;

interface Stored {
  version: number;
  /** Null where the file is left out. */
  content: string | null;
  binary: BinaryFile | null;
}

/**
 * The texts of a whole app: asked for once, and then kept as the file list and the open editors have them; with them the
 * files that are no text, as the preview needs them.
 */
export function createContentsStore({ api, appId, files }: ContentsStoreOptions) {
  const view = createStore<ContentsState>(() => ({ status: "loading", files: new Map(), assets: new Map() }));
  let stored: ReadonlyMap<string, Stored> | null = null;
  let running: Promise<void> | null = null;
  let isFollowing = false;
  let assets: Assets | null = null;
  let assetsCome: Promise<void> | null = null;

  /** Begins to follow the files; does nothing where that was done before. */
  async function start(): Promise<void> {
    if (!isFollowing) {
      isFollowing = true;
      files.view.subscribe((state, before) => {
        if (state.files !== before.files) void bring();
        // The list comes a moment before it is said to be known, when a round may have ended over that already.
        if (state.status !== before.status) void bring().then(bring);
        if (state.files !== before.files || state.docs !== before.docs) show();
      });
    }
    await bring();
  }

  /** Brings what is stored up to the file list, one round after the other until nothing is missing. */
  async function bring(): Promise<void> {
    running ??= rounds().finally(() => {
      running = null;
    });
    await running;
  }

  async function rounds(): Promise<void> {
    try {
      if (stored === null) stored = await readAll();
      for (let missing = outdated(); missing.length > 0; missing = outdated()) {
        // What is outdated still after this round was changed meanwhile, or is gone.
        const next = missing.length > ONE_BY_ONE ? await readAll() : await readSome(missing);
        if (!isNewer(next, stored)) break;
        stored = next;
      }
      // Before the list is known, "no file" would be no more than a guess.
      if (files.view.getState().status === "loading") return;
      show();
      // An app that is shown without its pictures would be drawn twice.
      if (view.getState().status !== "ready") await assetsCome?.then(() => assets?.settled());
      view.setState({ status: "ready" });
    } catch {
      if (stored === null) view.setState({ status: "failed" });
    }
  }

  function outdated(): FileEntry[] {
    return files.view.getState().files.filter(({ path, version }) => (stored?.get(path)?.version ?? 0) < version);
  }

  async function readAll(): Promise<ReadonlyMap<string, Stored>> {
    const answer = await api.readContents(appId);
    return new Map(answer.files.map((file) => [file.path, storedOf(file)]));
  }

  async function readSome(missing: FileEntry[]): Promise<ReadonlyMap<string, Stored>> {
    const next = new Map(stored);
    for (const { path, version } of missing) next.set(path, { version, content: null, binary: null });
    // Of a file that was no text, the list cannot tell yet whether it still is none.
    const wanted = missing.filter(({ size, binary }) => binary || size <= MAX_BYTES);
    await Promise.all(
      wanted.map(async ({ path }) => {
        try {
          next.set(path, storedOf(await api.readFile(appId, path)));
        } catch (reason) {
          if (asApiError(reason).status !== 404) throw reason;
          next.delete(path);
        }
      }),
    );
    return next;
  }

  /** The texts of all listed files, those of open editors in front of the stored ones. */
  function show(): void {
    if (stored === null) return;
    const { files: listed, docs } = files.view.getState();
    const texts = new Map<string, string>();
    const binaries: BinaryFile[] = [];
    for (const { path } of listed) {
      const doc = docs.get(path);
      const known = stored.get(path);
      const text = isLoaded(doc) ? doc.content : known?.content;
      if (text != null && text.length <= MAX_BYTES) texts.set(path, text);
      else if (known?.binary) binaries.push(known.binary);
    }
    const before = view.getState();
    if (!isSame(texts, before.files)) view.setState({ files: texts });
    if (binaries.length > 0 && !assets) bringAssets();
    const given = assets?.of(texts, binaries) ?? new Map<string, Asset>();
    if (!isSame(given, before.assets)) view.setState({ assets: given });
  }

  /** Many an app has no such file: what looks after them comes with the first one. */
  function bringAssets(): void {
    assetsCome ??= import("./assets").then(
      ({ createAssets }) => {
        assets = createAssets({ api, appId, onLoaded: show });
        show();
      },
      () => {
        assetsCome = null;
      },
    );
  }

  return { view, start, retry: bring };
}

function storedOf(file: FileWithMaybeContent): Stored {
  const { path, version, size, content, binary, mediaType = "application/octet-stream" } = file;
  return { version, content: content ?? null, binary: binary ? { path, version, size, mediaType } : null };
}

function isNewer(next: ReadonlyMap<string, Stored>, known: ReadonlyMap<string, Stored>): boolean {
  return [...next].some(([path, { version }]) => (known.get(path)?.version ?? 0) < version);
}

function isSame<V>(one: ReadonlyMap<string, V>, other: ReadonlyMap<string, V>): boolean {
  return one.size === other.size && [...one].every(([path, value]) => other.get(path) === value);
}
