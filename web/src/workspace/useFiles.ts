import { useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import type { Api } from "../api/client";
import { createCheckpointsStore } from "../files/checkpoints";
import { createContentsStore } from "../files/contents";
import { createFilesStore } from "../files/store";
import { createUndoSteps } from "../files/undoSteps";
import { useDirty } from "../files/useDirty";
import { createProblemsStore } from "../problems/store";
import { onReturn } from "../ui/onReturn";
import { storage } from "../ui/storage";
import { followOtherWindows, type OtherWindows } from "./otherWindows";
import { createShownContents } from "./shownContents";

/** The files of an app, kept up to date with other windows; what is not saved holds the page open. */
export function useFiles(api: Api, appId: string, onUnsavedChange: (hasUnsaved: boolean) => void) {
  const windows = useRef<OtherWindows>(null);
  const files = useMemo(
    () => createFilesStore({ api, appId, memory: storage, onChanged: () => windows.current?.tell() }),
    [api, appId],
  );
  const checkpoints = useMemo(
    () => createCheckpointsStore({ api, appId, onRestored: () => void files.refresh() }),
    [api, appId, files],
  );
  const contents = useMemo(() => createContentsStore({ api, appId, files }), [api, appId, files]);
  const shown = useMemo(() => createShownContents(contents), [contents]);
  const steps = useMemo(() => createUndoSteps(files, checkpoints), [files, checkpoints]);
  const problems = useMemo(() => createProblemsStore({ api, appId, save: () => files.saveAll() }), [api, appId, files]);
  const dirty = useDirty(files);

  useEffect(() => {
    void files.start();
    void contents.start();
    const forget = onReturn(() => void files.refresh());
    windows.current = followOtherWindows({
      appId,
      onTold: () => void files.refresh(),
      // What cannot be asked for now is asked for again soon.
      onDue: () => void files.refreshIfNewer().catch(() => undefined),
    });
    return () => {
      forget();
      windows.current?.close();
    };
  }, [files, contents, appId]);
  useEffect(() => {
    onUnsavedChange(dirty.size > 0);
    return () => onUnsavedChange(false);
  }, [dirty, onUnsavedChange]);
  const signedOut = useStore(api.trouble, (state) => state.signedOut);
  useEffect(() => {
    // The page is left for signing in, which is no reason to lose or to save anything.
    if (signedOut) files.keepUnsaved();
    if (dirty.size === 0) return;
    const ask = (event: BeforeUnloadEvent) => {
      if (!signedOut || !files.keepUnsaved()) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty, files, signedOut]);

  return { files, checkpoints, contents, shown, steps, problems, dirty };
}
