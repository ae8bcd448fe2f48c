/** What is typed and not saved, over a sign-in: the page is left for it, and comes back as it was. */
import { isRecord } from "../api/errors";
import type { Memory } from "../ui/storage";
import { type Doc, newDoc } from "./document";
import type { Documents } from "./documents";
import type { FilesView } from "./state";
import type { Tabs } from "./tabs";

type Kept = Pick<Doc, "path" | "base" | "baseVersion" | "content">;

interface UnsavedOptions {
  view: FilesView;
  documents: Documents;
  tabs: Tabs;
  /** One of this tab alone, or it would open what another one still has. */
  memory: Memory;
  appId: string;
  announce(text: string): void;
}

export function createUnsaved({ view, documents, tabs, memory, appId, announce }: UnsavedOptions) {
  const key = `unsaved:${appId}`;

  /** Keeps all that is not saved for the next visit; false where the browser has no room for it. */
  function keep(): boolean {
    const docs = [...view.getState().docs.keys()].flatMap((path) => documents.current(path) ?? []);
    const unsaved = docs.filter((doc) => doc.dirty);
    if (unsaved.length > 0) return memory.setItem(key, JSON.stringify(unsaved.map(pick)));
    memory.removeItem(key);
    return true;
  }

  /** Opens what an earlier visit has kept. Only once: from here on the texts are this page's. */
  function restore(): void {
    const kept = parse(memory.getItem(key));
    memory.removeItem(key);
    for (const { path, base, baseVersion, content } of kept) {
      documents.put(newDoc(path, { base, baseVersion, content, dirty: true, status: "ready" }));
      tabs.show(path);
    }
    if (kept.length > 0) announce("Your unsaved changes are back.");
  }

  return { keep, restore };
}

const pick = ({ path, base, baseVersion, content }: Doc): Kept => ({ path, base, baseVersion, content });

function parse(stored: string | null): Kept[] {
  try {
    const found: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(found) ? found.filter(isKept) : [];
  } catch {
    return [];
  }
}

function isKept(value: unknown): value is Kept {
  return (
    isRecord(value) &&
    typeof value.path === "string" &&
    typeof value.base === "string" &&
    typeof value.baseVersion === "number" &&
    typeof value.content === "string"
  );
}
