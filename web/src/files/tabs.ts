/** The tabs: which files are open, in which order, and which one is looked at. */
import { isRecord } from "../api/errors";
import type { Memory } from "../ui/storage";
import { newDoc } from "./document";
import { type FilesView, withEntry } from "./state";

export type Tabs = ReturnType<typeof createTabs>;

export function createTabs(view: FilesView, memory: Memory | undefined, appId: string) {
  const memoryKey = `tabs:${appId}`;
  view.subscribe(({ tabs, active }, before) => {
    if (tabs !== before.tabs || active !== before.active) memory?.setItem(memoryKey, JSON.stringify({ tabs, active }));
  });

  /** Shows a file's tab; a preview tab takes the place of the one before it. */
  function show(path: string, { preview = false } = {}): void {
    view.setState(({ tabs, previewTab, docs }) => {
      if (tabs.includes(path)) return { active: path, ...(preview || path !== previewTab ? {} : { previewTab: null }) };
      const replaced = preview && previewTab && !docs.get(previewTab)?.dirty ? tabs.indexOf(previewTab) : -1;
      return {
        tabs: replaced < 0 ? [...tabs, path] : tabs.with(replaced, path),
        docs: replaced < 0 ? docs : withEntry(docs, previewTab ?? "", undefined),
        active: path,
        previewTab: preview ? path : previewTab,
      };
    });
  }

  /** Makes the preview tab one that stays. */
  function keep(path: string): void {
    if (view.getState().previewTab === path) view.setState({ previewTab: null });
  }

  /** The file's document is wanted: an empty one where none is open. */
  function ensureDoc(path: string): void {
    view.setState(({ docs }) => (docs.has(path) ? {} : { docs: withEntry(docs, path, newDoc(path)) }));
  }

  function close(path: string): void {
    view.setState(({ tabs, docs, active, previewTab }) => {
      const index = tabs.indexOf(path);
      const left = tabs.filter((tab) => tab !== path);
      return {
        tabs: left,
        docs: withEntry(docs, path, undefined),
        active: active === path ? (left[Math.min(index, left.length - 1)] ?? null) : active,
        previewTab: previewTab === path ? null : previewTab,
      };
    });
  }

  /** The file has another path now; what was typed in it, and the way to undo that, goes along. */
  function move(from: string, to: string, version: number): void {
    view.setState(({ tabs, active, previewTab, docs }) => {
      const known = docs.get(from);
      const moved = known
        ? withEntry(withEntry(docs, from, undefined), to, { ...known, path: to, baseVersion: version })
        : docs;
      return {
        tabs: [...new Set(tabs.map((tab) => (tab === from ? to : tab)))],
        active: active === from ? to : active,
        previewTab: previewTab === from ? to : previewTab,
        docs: moved,
      };
    });
  }

  /** The tabs of the last visit. */
  const remembered = () => readTabs(memory?.getItem(memoryKey) ?? null);

  return { show, keep, ensureDoc, close, move, remembered };
}

function readTabs(stored: string | null): { tabs: string[]; active: string | null } {
  try {
    const value: unknown = JSON.parse(stored ?? "null");
    if (isRecord(value) && Array.isArray(value.tabs)) {
      const tabs = value.tabs.filter((tab) => typeof tab === "string");
      return { tabs, active: typeof value.active === "string" ? value.active : null };
    }
  } catch {
    // What cannot be read is as good as nothing remembered.
  }
  return { tabs: [], active: null };
}
