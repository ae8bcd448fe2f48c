import { useCallback, useState } from "react";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { CheckpointsStore } from "../files/checkpoints";
import type { ShownContents } from "./shownContents";

interface PastOptions {
  api: Api;
  appId: string;
  checkpoints: CheckpointsStore;
  contents: ShownContents;
}

/** An earlier version of the app, to be looked at in the preview. */
export function usePast({ api, appId, checkpoints, contents }: PastOptions) {
  const [past, setPast] = useState<{ title: string } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const leave = useCallback(() => {
    contents.show(null);
    setPast(null);
  }, [contents]);
  const look = async (revision: number) => {
    setProblem(null);
    try {
      const { readPastVersion } = await import("../files/pastVersion");
      const { assets } = contents.view.getState();
      contents.show(await readPastVersion(api, appId, revision, assets));
      const version = checkpoints.view.getState().checkpoints.find((one) => one.revision === revision);
      setPast({ title: version?.message ?? `revision ${revision}` });
    } catch (reason) {
      setProblem(`That version cannot be shown. ${asApiError(reason).message}`);
    }
  };
  return { past, problem, look, leave, dismiss: () => setProblem(null) };
}
