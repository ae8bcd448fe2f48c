import { useCallback, useState } from "react";
import type { Api } from "../api/client";
import { asApiError, isRecord } from "../api/errors";
import type { Problem, Site, SiteVersion } from "../api/types";

interface Published {
  site: Site | null;
  versions: SiteVersion[];
}

interface SiteView extends Published {
  status: "loading" | "ready" | "failed";
  busy: "publish" | "roll back" | "take down" | "index" | null;
  /** What went wrong with the latest step, in words. */
  error: string | null;
  /** Why the app could not be built. */
  problems: Problem[];
  /** What the latest step has come to, in words. */
  done: string | null;
  /** The version that was live before the latest change of it. */
  before: number | null;
}

const UNKNOWN: SiteView = {
  site: null,
  versions: [],
  status: "loading",
  busy: null,
  error: null,
  problems: [],
  done: null,
  before: null,
};

interface SiteOptions {
  api: Api;
  appId: string;
  /** Saves what is to be published; false where that failed. */
  save(): Promise<boolean>;
}

/** The published app: how it stands, and what can be done with it. One thing at a time. */
export function useSite({ api, appId, save }: SiteOptions) {
  const [view, setView] = useState(UNKNOWN);
  const change = useCallback((part: Partial<SiteView>) => setView((known) => ({ ...known, ...part })), []);
  const read = useCallback(() => api.call<Published>("GET", [appId, "publish"]), [api, appId]);

  const load = useCallback(async () => {
    try {
      const { site, versions } = await read();
      // What a step has come to stays until the next one; only that nothing could be read is over now.
      setView((known) => ({
        ...known,
        site,
        versions,
        status: "ready",
        error: known.status === "failed" ? null : known.error,
      }));
    } catch (reason) {
      change({ status: "failed", error: asApiError(reason).message });
    }
  }, [read, change]);

  /** Does one thing, then looks how the site stands; a failure is told in words. */
  const act = async (busy: NonNullable<SiteView["busy"]>, step: () => Promise<Partial<SiteView>>) => {
    change({ busy, error: null, problems: [], done: null, before: null });
    try {
      const come = await step();
      const { site, versions } = await read();
      change({ ...come, site, versions, status: "ready" });
    } catch (reason) {
      const error = asApiError(reason);
      change({ error: error.message, problems: problemsIn(error.details.errors) });
    }
    change({ busy: null });
  };
  const post = (route: string[], body: object = {}) =>
    api.call<{ site: Site }>("POST", [appId, "publish", ...route], body);
  const live = view.site?.version ?? null;

  return {
    ...view,
    load,
    publish: () =>
      act("publish", async () => {
        if (!(await save())) return { error: "Some of your files could not be saved, so nothing was published." };
        const { site } = await post([]);
        return { done: `Version ${site.version} is live.`, before: live };
      }),
    makeLive: (version: number) =>
      act("roll back", async () => {
        await post(["rollback"], { version });
        return { done: `Version ${version} is live.`, before: live };
      }),
    takeDown: () =>
      act("take down", async () => {
        await api.call("DELETE", [appId, "publish"]);
        return { done: "The app is no longer published." };
      }),
    setIndexed: (indexed: boolean) =>
      act("index", async () => {
        await api.call("PUT", [appId, "publish"], { indexed });
        return {};
      }),
  };
}

export type SiteStore = ReturnType<typeof useSite>;

function problemsIn(errors: unknown): Problem[] {
  if (!Array.isArray(errors)) return [];
  return errors.filter(isRecord).map((error) => ({ ...(error as unknown as Problem), known: false }));
}
