import { useCallback, useState } from "react";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { Remote } from "../api/types";
import { EMPTY_REMOTE, type RemoteInput } from "./RemoteFields";

export interface Pushed {
  result: "pushed" | "merged" | "branch" | "up_to_date";
  branch: string;
  commit: string;
  skipped: string[];
  /** Where the host shows a branch of its own beside the one that is pushed to. */
  link?: string;
}

interface RemoteView {
  remote: Remote | null;
  status: "loading" | "ready" | "failed";
  busy: "connect" | "push" | "disconnect" | null;
  /** What went wrong with the latest step, in words. */
  error: string | null;
  pushed: Pushed | null;
  /** The repository is being named, or another one in place of the known. */
  editing: boolean;
  /** What is typed so far. */
  typed: RemoteInput;
}

interface RemoteOptions {
  api: Api;
  appId: string;
  /** Saves what is to be pushed; false where that failed. */
  save(): Promise<boolean>;
}

/** The git repository of an app: which it is, and what can be done with it. One thing at a time. */
export function useRemote({ api, appId, save }: RemoteOptions) {
  const [view, setView] = useState<RemoteView>({
    remote: null,
    status: "loading",
    busy: null,
    error: null,
    pushed: null,
    editing: false,
    typed: EMPTY_REMOTE,
  });
  const change = useCallback((part: Partial<RemoteView>) => setView((known) => ({ ...known, ...part })), []);
  const read = useCallback(
    async () => (await api.call<{ remote: Remote | null }>("GET", [appId, "git"])).remote ?? null,
    [api, appId],
  );
  const load = useCallback(async () => {
    try {
      const remote = await read();
      setView((known) => ({
        ...known,
        remote,
        status: "ready",
        error: known.status === "failed" ? null : known.error,
      }));
    } catch (reason) {
      change({ status: "failed", error: asApiError(reason).message });
    }
  }, [read, change]);

  const act = async (busy: NonNullable<RemoteView["busy"]>, step: () => Promise<Partial<RemoteView>>) => {
    change({ busy, error: null, pushed: null });
    try {
      change(await step());
    } catch (reason) {
      change({ error: asApiError(reason).message });
    }
    change({ busy: null });
  };

  return {
    ...view,
    load,
    type: (typed: RemoteInput) => change({ typed }),
    /** Begins to name the repository anew, or leaves that. */
    edit: (editing: boolean) => {
      const { remote, typed } = view;
      change({
        editing,
        error: null,
        typed: editing && remote && !typed.url ? { ...remote, token: "" } : typed,
      });
    },
    connect: () =>
      act("connect", async () => {
        const { url, branch, token } = view.typed;
        const { remote, problem } = await api.call<{ remote: Remote; problem?: string }>("PUT", [appId, "git"], {
          url: url.trim(),
          token: token.trim(),
          ...(branch.trim() && { branch: branch.trim() }),
        });
        return { remote, error: problem ?? null, editing: false, typed: EMPTY_REMOTE };
      }),
    push: () =>
      act("push", async () => {
        if (!(await save())) return { error: "Some of your files could not be saved, so nothing was pushed." };
        const pushed = await api.call<Pushed>("POST", [appId, "git", "push"]);
        return { pushed, remote: await read() };
      }),
    disconnect: () =>
      act("disconnect", async () => {
        await api.call("DELETE", [appId, "git"]);
        return { remote: null, editing: false };
      }),
  };
}

export type RemoteStore = ReturnType<typeof useRemote>;
