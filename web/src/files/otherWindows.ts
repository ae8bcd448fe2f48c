/** Keeps windows that show the same app alike, on this machine at once and on others soon. */
import { onReturn } from "../ui/onReturn";
import type { FilesStore } from "./store";

/** What of a BroadcastChannel is needed here. */
export interface Channel {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

interface OtherWindowsOptions {
  appId: string;
  /** The way to the other windows of this browser. */
  open?(name: string): Channel;
  /** How often another machine's changes are looked for while the page is seen. */
  everyMs?: number;
}

export type OtherWindows = ReturnType<typeof createOtherWindows>;

/** Changes come in bursts, and one word is enough for all of them. */
const BURST_MS = 250;

export function createOtherWindows(options: OtherWindowsOptions) {
  const { appId, open = (name) => new BroadcastChannel(name), everyMs = 15_000 } = options;
  let channel: Channel | null = null;
  let burst: ReturnType<typeof setTimeout> | null = null;

  /** Something has changed here. */
  function tell(): void {
    if (burst) return;
    burst = setTimeout(() => {
      burst = null;
      channel?.postMessage("changed");
    }, BURST_MS);
  }

  /** Brings the files up to date whenever somebody else has changed them; gives the way to end that. */
  function follow(files: Pick<FilesStore, "refresh" | "refreshIfNewer">): () => void {
    const opened = open(`files:${appId}`);
    channel = opened;
    opened.onmessage = () => void files.refresh();
    const stopReturn = onReturn(() => void files.refresh());
    const timer = setInterval(() => {
      // Where the server cannot be reached, what is shown is as good as before.
      if (!document.hidden) void files.refreshIfNewer().catch(() => undefined);
    }, everyMs);
    return () => {
      clearInterval(timer);
      stopReturn();
      opened.close();
      if (channel === opened) channel = null;
    };
  }

  return { tell, follow };
}
