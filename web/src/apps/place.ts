import { storage } from "../ui/storage";
/** Which app and session are open, in the page's address, so that a reload finds them again. */
export interface Place {
  app: string | null;
  session: string | null;
}

const LAST_APP = "last-app";

export function readPlace(): Place {
  const query = new URLSearchParams(window.location.search);
  return { app: query.get("app") ?? storage.getItem(LAST_APP), session: query.get("session") };
}

export function writePlace({ app, session }: Place): void {
  const query = new URLSearchParams();
  if (app) query.set("app", app);
  if (session) query.set("session", session);
  const search = query.size > 0 ? `?${query}` : "";
  if (search !== window.location.search) history.replaceState(null, "", `${window.location.pathname}${search}`);
  if (app) storage.setItem(LAST_APP, app);
}
