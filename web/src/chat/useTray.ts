import { useEffect, useMemo } from "react";
import { useStore } from "zustand";
import type { Api } from "../api/client";
import type { Pictures } from "../attachments/pictures";
import { createTray, type Tray } from "../attachments/tray";
import type { DraftStore } from "./drafts";

interface UseTrayOptions {
  api: Api;
  appId: string;
  draft: DraftStore;
  pictures: Pictures;
}

/** The files on their way to the drafts of an app, as long as it is open. */
export function useTray({ api, appId, draft, pictures }: UseTrayOptions): Tray {
  const tray = useMemo(() => createTray({ api, appId, draft, pictures }), [api, appId, draft, pictures]);
  const place = useStore(draft.view, (view) => view.place);
  useEffect(() => draft.onMove(tray.move), [draft, tray]);
  useEffect(() => tray.show(place), [tray, place]);
  useEffect(() => tray.close, [tray]);
  return tray;
}
