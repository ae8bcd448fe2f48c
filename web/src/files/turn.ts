/** What Claude does to the files in a turn: watched while it is written, marked and looked through afterwards. */
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { FileChange } from "../api/types";
import type { Memory } from "../ui/storage";
import type { Documents } from "./documents";
import { plainText } from "./lineEnds";
import type { Listing } from "./listing";
import { lineChanges } from "./merge";
import { type FilesView, type TurnChange, type Writing, withEntry } from "./state";
import type { Tabs } from "./tabs";

const FOLLOW_KEY = "follow-claude";

interface TurnOptions {
  api: Api;
  appId: string;
  view: FilesView;
  memory: Memory | undefined;
  documents: Documents;
  listing: Listing;
  tabs: Tabs;
  /** Shows a file in a tab and sees to its text. */
  load(path: string, as: { preview: boolean }): void;
}

export function createTurn({ api, appId, view, memory, documents, listing, tabs, load }: TurnOptions) {
  view.setState({ follow: memory?.getItem(FOLLOW_KEY) !== "off" });
  /** Calls whose outcome is known: what is still said of their writing is old. */
  const settled = new Set<string>();
  /** Files whose earlier version is on its way. */
  const asked = new Set<string>();
  /** The turn that waits for the vendor, after which its changes are still those of one turn. */
  let waits: string | null = null;

  /** A turn has begun, or goes on after it has waited. */
  function begin(turn?: string): void {
    if (view.getState().turnRunning) return;
    const goesOn = turn !== undefined && turn === waits;
    waits = null;
    view.setState({ turnRunning: true });
    if (goesOn) return;
    settled.clear();
    view.setState({ following: true, changed: new Map(), reviews: new Map(), writing: null });
  }

  /** Shows what is being written, where the vendor has not gone elsewhere. */
  function writing(update: Omit<Writing, "path"> & { path?: string }): void {
    const { path, toolId, done } = update;
    if (!path || settled.has(toolId)) return;
    begin();
    const { follow, following, writing: before } = view.getState();
    // Claude writes on in another file, while this one waits for its turn to be stored.
    if (done && before?.toolId !== toolId) return;
    view.setState({ writing: { ...update, path } });
    if (follow && following && before?.toolId !== toolId) load(path, { preview: true });
  }

  /** A call's change is stored: what was shown of its writing gives way to the file, once that is here. */
  async function written(toolId: string, loaded: Promise<void> | undefined): Promise<void> {
    settled.add(toolId);
    await loaded;
    view.setState(({ writing }) => (writing?.toolId === toolId ? { writing: null } : {}));
  }

  /** Keeps in mind what a change has done to the version before the turn. Comes before the list is changed. */
  function note({ path, action, previousPath }: FileChange): void {
    begin();
    // What was looked through while the turn waited is not all any more.
    setReview(path, undefined);
    view.setState(({ changed }) => {
      const from = previousPath ?? path;
      const known = changed.get(from);
      const before = known?.before ?? { path: from, version: listing.entry(from)?.version ?? 0 };
      const left = previousPath ? withEntry(changed, previousPath, undefined) : changed;
      // What came and went within the turn has changed nothing.
      if (action === "deleted" && before.version === 0) return { changed: withEntry(left, path, undefined) };
      const overall = before.version === 0 ? "created" : action === "created" ? "edited" : action;
      const kept = action === "edited" && known && known.action === "renamed" ? "renamed" : overall;
      return { changed: withEntry(left, path, { action: kept, before }) };
    });
  }

  /** The turn waits for the vendor, who may look meanwhile at what it has changed so far. */
  function wait(turn: string): void {
    end();
    waits = turn;
  }

  function end(): void {
    waits = null;
    const { previewTab, writing: last } = view.getState();
    view.setState({ turnRunning: false, following: true, writing: null });
    // A file that was written but refused is shown in a tab that has nothing to show any more.
    const refused = last?.path ?? previewTab;
    if (refused && !listing.entry(refused) && !documents.get(refused)) tabs.close(refused);
  }

  /** The vendor types, scrolls or looks elsewhere: from here on Claude is not followed, until the turn ends. */
  function stopFollowing(): void {
    if (view.getState().turnRunning && view.getState().following) view.setState({ following: false });
  }

  function resumeFollowing(): void {
    const { writing: now } = view.getState();
    view.setState({ following: true });
    if (now) load(now.path, { preview: true });
  }

  function setFollow(follow: boolean): void {
    memory?.setItem(FOLLOW_KEY, follow ? "on" : "off");
    view.setState({ follow });
    if (follow) resumeFollowing();
  }

  /** Finds the lines of an open file that the latest turn has changed; only the first call for a file asks. */
  async function review(path: string): Promise<void> {
    const change = view.getState().changed.get(path);
    if (!change || asked.has(path) || view.getState().reviews.has(path)) return;
    asked.add(path);
    try {
      const before = await textBefore(change);
      const doc = documents.current(path);
      if (view.getState().changed.get(path) !== change) return;
      if (doc) setReview(path, lineChanges(plainText(before), plainText(doc.content)));
    } catch (reason) {
      // Without the earlier version there is nothing to compare; the file itself is as good as ever.
      if (!asApiError(reason).retryable) setReview(path, null);
    } finally {
      asked.delete(path);
    }
  }

  async function textBefore({ before: { path, version } }: TurnChange): Promise<string> {
    return version === 0 ? "" : ((await api.readFile(appId, path, version)).content ?? "");
  }

  const setReview = (path: string, review: ReturnType<typeof lineChanges> | null | undefined) =>
    view.setState(({ reviews }) => ({ reviews: withEntry(reviews, path, review) }));

  /** The vendor has seen the changes of a file and keeps them. */
  const keep = (path: string) => setReview(path, null);

  /** The vendor has given a file another path. */
  function renamed(from: string, to: string): void {
    view.setState(({ changed, reviews }) => {
      const change = changed.get(from);
      if (!change) return {};
      return {
        changed: withEntry(withEntry(changed, from, undefined), to, change),
        reviews: withEntry(withEntry(reviews, from, undefined), to, reviews.get(from)),
      };
    });
  }

  /** The changes of a file are undone. */
  function forget(path: string): void {
    view.setState(({ changed, reviews }) => ({
      changed: withEntry(changed, path, undefined),
      reviews: withEntry(reviews, path, undefined),
    }));
  }

  return {
    begin,
    writing,
    written,
    note,
    wait,
    end,
    stopFollowing,
    resumeFollowing,
    setFollow,
    review,
    keep,
    renamed,
    forget,
  };
}
