import { createStore, type StoreApi } from "zustand/vanilla";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { Check } from "../api/types";

export interface ProblemsView {
  /** The latest check of this app, whoever made it; null as long as none is known. */
  check: Check | null;
  checking: boolean;
  /** Why the app could not be checked. */
  error: string | null;
}

interface ProblemsOptions {
  api: Api;
  appId: string;
  /** Saves what the check must see; false where that failed. */
  save(): Promise<boolean>;
}

export interface ProblemsStore {
  view: StoreApi<ProblemsView>;
  /** A check that the chat tells of; one of an earlier revision than the known changes nothing. */
  take(check: Check): void;
  /** Has the app checked as it is now. */
  look(): Promise<void>;
}

/** What is known to be wrong with an app. */
export function createProblemsStore({ api, appId, save }: ProblemsOptions): ProblemsStore {
  const view = createStore<ProblemsView>(() => ({ check: null, checking: false, error: null }));
  return {
    view,
    take: (check) => {
      const known = view.getState().check;
      if (known && (check.revision < known.revision || (check.revision === known.revision && check.at <= known.at))) {
        return;
      }
      view.setState({ check, error: null });
    },
    async look() {
      if (view.getState().checking) return;
      view.setState({ checking: true, error: null });
      try {
        if (await save()) {
          const { ok, errors, durationMs, revision } = await api.call<Check>("GET", [appId, "check"]);
          view.setState({ check: { ok, errors, durationMs, revision, at: Date.now() } });
        } else view.setState({ error: "Some of your files could not be saved, so the app was not checked." });
      } catch (reason) {
        view.setState({ error: asApiError(reason).message });
      }
      view.setState({ checking: false });
    },
  };
}
