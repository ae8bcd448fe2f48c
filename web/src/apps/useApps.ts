import { useCallback, useEffect, useRef, useState } from "react";
import type { Api } from "../api/client";
import { type ApiError, asApiError } from "../api/errors";
import type { App } from "../api/types";
import type { PlaceStore } from "../workspace/place";

/** The vendor's apps, which of them is open, and what can be done with them. */
export function useApps(api: Api, places: PlaceStore) {
  const [apps, setApps] = useState<App[] | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  /** Why the chats of the open app could not be listed. */
  const [chatProblem, setChatProblem] = useState<string | null>(null);
  /** A deletion that failed, in words. */
  const [notDeleted, setNotDeleted] = useState<string | null>(null);
  const selections = useRef(0);

  /** Opens an app where it was left: its latest chat. */
  const select = useCallback(
    async (app: string | null, how: "go" | "settle" = "go") => {
      const mine = ++selections.current;
      let session: string | null = null;
      let problem: string | null = null;
      try {
        if (app) session = (await api.listSessions(app))[0]?.sessionId ?? null;
      } catch (reason) {
        // The files are of use without the chats.
        problem = asApiError(reason).message;
      }
      if (mine !== selections.current) return; // Another app was picked meanwhile.
      setChatProblem(problem);
      if (how === "go") places.go({ app, session, view: null });
      else places.settle({ app, session });
    },
    [api, places],
  );

  const load = useCallback(async () => {
    setProblem(null);
    try {
      const found = await api.listApps();
      const wanted = places.view.getState();
      const known = found.find((app) => app.appId === wanted.app);
      if (!known || !wanted.session) await select(known?.appId ?? found[0]?.appId ?? null, "settle");
      setApps(found);
    } catch (reason) {
      setProblem(asApiError(reason));
    }
  }, [api, places, select]);

  useEffect(() => void load(), [load]);

  /** Opens an app that is new to the list. */
  const adopt = (app: App) => {
    selections.current += 1;
    setApps((known) => [app, ...(known ?? [])]);
    places.go({ app: app.appId, session: null, view: null });
  };
  /** Makes an app and opens it. Throws an ApiError, as does the next. */
  const create = async (name: string) => adopt(await api.createApp(name));
  const rename = async (app: App, name: string) => {
    const renamed = await api.renameApp(app.appId, name);
    setApps((known) => known?.map((other) => (other.appId === app.appId ? renamed : other)) ?? null);
  };
  const remove = async (app: App) => {
    setNotDeleted(null);
    try {
      await api.deleteApp(app.appId);
    } catch (reason) {
      const error = asApiError(reason);
      // Deleted elsewhere is deleted as well.
      if (error.status !== 404) return setNotDeleted(`${app.name} was not deleted. ${error.message}`);
    }
    const left = (apps ?? []).filter((other) => other !== app);
    setApps(left);
    if (places.view.getState().app === app.appId) await select(left[0]?.appId ?? null);
  };
  return {
    apps,
    problem,
    chatProblem,
    notDeleted,
    dismiss: () => setNotDeleted(null),
    load,
    select,
    create,
    adopt,
    rename,
    remove,
  };
}
