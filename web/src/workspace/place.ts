import { createStore, type StoreApi } from "zustand/vanilla";
import { storage } from "../ui/storage";

export type View = "chat" | "preview" | "code" | "changes" | "problems";

/** What is open, as the page's address says it: a reload finds it again, and the browser's Back goes back. */
export interface Place {
  app: string | null;
  /** Null is a new chat. */
  session: string | null;
  /** Null is the view that one begins with. */
  view: View | null;
}

const LAST_APP = "last-app";
const VIEWS: readonly string[] = ["chat", "preview", "code", "changes", "problems"] satisfies View[];

export interface PlaceStore {
  view: StoreApi<Place>;
  /** Goes to another place, as a step that Back takes back. */
  go(change: Partial<Place>): void;
  /** Says more exactly where one is already, e.g. that a new chat has got its id. */
  settle(change: Partial<Place>): void;
  /** Asks before another app is gone to by Back or Forward; what refuses may call `proceed` later. */
  guard(ask: ((proceed: () => void) => boolean) | null): void;
  /** Follows Back and Forward from here on; gives the way to end that. */
  listen(): () => void;
}

/** The place of this window, followed in both directions: to its address, and from Back and Forward. */
export function createPlaceStore(page: Window = window): PlaceStore {
  const store = createStore(() => read(page));
  let asked: ((proceed: () => void) => boolean) | null = null;

  const move = (change: Partial<Place>, write: "pushState" | "replaceState") => {
    const before = store.getState();
    const next = { ...before, ...change };
    const address = addressOf(next);
    if (address !== page.location.search) page.history[write](null, "", `${page.location.pathname}${address}`);
    if (next.app) storage.setItem(LAST_APP, next.app);
    if (next.app !== before.app || next.session !== before.session || next.view !== before.view) store.setState(next);
  };
  const onPop = () => {
    const to = read(page);
    const from = store.getState();
    if (to.app !== from.app && asked && !asked(() => move(to, "pushState"))) {
      // The browser has gone already; this brings its address back to what is shown.
      page.history.pushState(null, "", `${page.location.pathname}${addressOf(from)}`);
    } else store.setState(to);
  };
  return {
    view: store,
    go: (change) => move(change, "pushState"),
    settle: (change) => move(change, "replaceState"),
    guard: (ask) => {
      asked = ask;
    },
    listen() {
      page.addEventListener("popstate", onPop);
      return () => page.removeEventListener("popstate", onPop);
    },
  };
}

function read(page: Window): Place {
  const query = new URLSearchParams(page.location.search);
  const view = query.get("view");
  return {
    app: query.get("app") ?? storage.getItem(LAST_APP),
    session: query.get("session"),
    view: isView(view) ? view : null,
  };
}

function isView(value: string | null): value is View {
  return value !== null && VIEWS.includes(value);
}

function addressOf({ app, session, view }: Place): string {
  const query = new URLSearchParams();
  if (app) query.set("app", app);
  if (session) query.set("session", session);
  if (view) query.set("view", view);
  return query.size > 0 ? `?${query}` : "";
}
