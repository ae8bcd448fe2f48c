import type { Memory } from "../../ui/storage";
import { LIMITS, type StorageArea } from "./protocol";

const SAVE_AFTER_MS = 200;

/** What an app keeps in localStorage and sessionStorage: the first in the page's own storage, under the app's id. */
export class AppStorage {
  readonly #areas: Record<StorageArea, Map<string, string>>;
  readonly #key: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    appId: string,
    private readonly memory: Memory,
  ) {
    this.#key = `preview-storage:${appId}`;
    this.#areas = { local: new Map(readEntries(memory.getItem(this.#key))), session: new Map() };
  }

  entries(): Record<StorageArea, [string, string][]> {
    return { local: [...this.#areas.local], session: [...this.#areas.session] };
  }

  change(area: StorageArea, changes: readonly [string, string | null][]): void {
    const items = this.#areas[area];
    for (const [key, value] of changes) {
      if (value === null) items.delete(key);
      else items.set(key, value);
      // The frame keeps to the limit; an app that goes around the frame does not.
      if (sizeOf(items) > LIMITS.storage) items.delete(key);
    }
    if (area === "local") this.#timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS);
  }

  save(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.memory.setItem(this.#key, JSON.stringify([...this.#areas.local]));
  }
}

function sizeOf(items: ReadonlyMap<string, string>): number {
  let size = 0;
  for (const [key, value] of items) size += key.length + value.length;
  return size;
}

function readEntries(text: string | null): [string, string][] {
  try {
    const entries: unknown = JSON.parse(text ?? "[]");
    const isEntry = (entry: unknown): entry is [string, string] =>
      Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "string";
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}
