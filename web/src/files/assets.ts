/** The files of an app that are no text, for its preview: those that its texts name, as addresses that need no server. */
import type { Api } from "../api/client";
import type { Asset } from "../preview/model";
import { createNamed } from "./namedFiles";

/** What is known of a file that is no text; `size` in bytes. */
export interface BinaryFile {
  path: string;
  version: number;
  size: number;
  mediaType: string;
}

export type Assets = ReturnType<typeof createAssets>;

interface AssetsOptions {
  api: Pick<Api, "readBytes">;
  appId: string;
  /** Something that was asked for is there, or cannot be had. */
  onLoaded(): void;
}

/** So many bytes go to an app's preview at most: each of its documents gets a copy of all of them. */
const MAX_TOTAL = 10_000_000;
/** So many are asked for at a time. */
const AT_ONCE = 4;
/** Stands for what is on its way, cannot be had, or is too much: a picture with this address stays empty. */
export const NOTHING: Asset = { url: "data:," };

export function createAssets({ api, appId, onLoaded }: AssetsOptions) {
  const named = createNamed();
  /** The latest version of each that could be had. */
  const loaded = new Map<string, { version: number; asset: Asset }>();
  /** Those that are on their way or could not be had, by path and version. */
  const asked = new Map<string, Promise<void>>();
  const keyOf = ({ path, version }: BinaryFile) => `${version} ${path}`;
  let free = AT_ONCE;
  const waiting: (() => void)[] = [];

  /** What there is of these files at present; what the texts name of them is asked for. */
  function of(texts: ReadonlyMap<string, string>, files: readonly BinaryFile[]): ReadonlyMap<string, Asset> {
    const wanted = withinLimit(named(texts, files));
    const keys = new Set(wanted.map(keyOf));
    for (const key of asked.keys()) if (!keys.has(key)) asked.delete(key);
    const paths = new Set(wanted.map(({ path }) => path));
    for (const path of loaded.keys()) if (!paths.has(path)) loaded.delete(path);
    for (const file of wanted) {
      const isHere = (loaded.get(file.path)?.version ?? 0) >= file.version;
      if (!isHere && !asked.has(keyOf(file))) asked.set(keyOf(file), load(file));
    }
    // While a newer version is on its way, the one before it is better than none.
    return new Map(files.map(({ path }) => [path, loaded.get(path)?.asset ?? NOTHING]));
  }

  /** Waits until so few are asked for that another one may be. */
  async function begin(): Promise<void> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resume) => waiting.push(resume));
  }

  function end(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  async function load(file: BinaryFile): Promise<void> {
    await begin();
    try {
      const bytes = await api.readBytes(appId, file.path, file.version);
      const asset = { url: await dataUrl(bytes, file.mediaType) };
      // Meanwhile it may be that no text names it any more.
      if (asked.delete(keyOf(file))) loaded.set(file.path, { version: file.version, asset });
    } catch {
      // It is asked for again in its next version: an app of which all pictures are missing would never be still.
    } finally {
      end();
    }
    onLoaded();
  }

  /** Resolves once nothing is on its way. */
  async function settled(): Promise<void> {
    await Promise.all(asked.values());
  }

  return { of, settled };
}

function withinLimit(files: readonly BinaryFile[]): BinaryFile[] {
  let total = 0;
  return files.filter(({ size }) => {
    if (total + size > MAX_TOTAL) return false;
    total += size;
    return true;
  });
}

function dataUrl(bytes: Blob, mediaType: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(new Blob([bytes], { type: mediaType }));
  });
}
