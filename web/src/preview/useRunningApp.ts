import { useEffect, useRef, useState } from "react";
import type { StoreApi } from "zustand";
import { useStore } from "zustand";
import type { Memory } from "../ui/storage";
import type { Asset, PickedElement, Preview, PreviewListener } from "./model";
import type { PreviewStore } from "./store";

/** How long a pause in typing must be before the app is given what was typed. In ms. */
const TYPING_PAUSE = 120;

export type CreatePreview = (
  host: HTMLElement,
  listener: PreviewListener,
  options: { appId: string; memory: Memory },
) => Preview;

/** The app's files as they are now: the texts, and addresses of those that are no text. */
export interface Contents {
  view: StoreApi<{
    status: "loading" | "ready" | "failed";
    files: ReadonlyMap<string, string>;
    assets: ReadonlyMap<string, Asset>;
  }>;
  /** Asks again for what could not be had. */
  retry(): unknown;
}

interface RunningAppOptions {
  appId: string;
  contents: Contents;
  store: PreviewStore;
  memory: Memory;
  /** Claude is at work: what changes is written by it, and shown at once. */
  working: boolean;
  onPicked(element: PickedElement): void;
  loadEngine(): Promise<CreatePreview>;
}

export interface RunningApp {
  /** Where the app's frame goes. */
  host: (element: HTMLElement | null) => void;
  preview: Preview | null;
  hasFiles: boolean;
  /** The engine could not be loaded. */
  failed: boolean;
  retry(): void;
}

/** Runs an app in a host element as soon as there are files, and keeps it up to date with them. */
export function useRunningApp(options: RunningAppOptions): RunningApp {
  const { appId, contents, store, memory } = options;
  const [host, setHost] = useState<HTMLElement | null>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [failed, setFailed] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const hasFiles = useStore(contents.view, ({ status, files }) => status === "ready" && files.size > 0);
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt runs it again
  useEffect(() => {
    if (!host || !hasFiles) return;
    let created: Preview | null = null;
    let gone = false;
    const listener: PreviewListener = {
      ...store.listener,
      onPicked(element) {
        store.listener.onPicked(element);
        latest.current.onPicked(element);
      },
    };
    setFailed(false);
    latest.current.loadEngine().then(
      (create) => {
        if (gone) return;
        created = create(host, listener, { appId, memory });
        setPreview(created);
        store.hold(created);
      },
      () => {
        if (!gone) setFailed(true);
      },
    );
    return () => {
      gone = true;
      store.hold(null);
      created?.dispose();
      setPreview(null);
      store.restarted();
    };
  }, [host, hasFiles, appId, store, memory, attempt]);

  useEffect(() => {
    if (!preview) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = () => {
      store.changed();
      const { files, assets } = contents.view.getState();
      preview.update(new Map<string, string | Asset>([...files, ...assets]));
    };
    send();
    const unsubscribe = contents.view.subscribe((now, before) => {
      if (now.files === before.files && now.assets === before.assets) return;
      if (now.status !== "ready" || now.files.size === 0) return;
      clearTimeout(timer);
      if (latest.current.working) send();
      else timer = setTimeout(send, TYPING_PAUSE);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [preview, contents, store]);

  return { host: setHost, preview, hasFiles, failed, retry: () => setAttempt(attempt + 1) };
}
