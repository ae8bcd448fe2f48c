/** How often a window that is looked at asks whether the app was changed elsewhere. */
const EVERY_MS = 10_000;
/** Changes come in bursts, and one word is enough for all of them. */
const BURST_MS = 250;

export interface OtherWindows {
  /** Tells the other windows of this browser that the app's files have changed. */
  tell(): void;
  close(): void;
}

interface OtherWindowsOptions {
  appId: string;
  /** Another window of this browser has changed the app. */
  onTold(): void;
  /** Time to look whether the app was changed on another machine. */
  onDue(): void;
  everyMs?: number;
}

/** Keeps the windows on one app together: those of this browser at once, others within seconds. */
export function followOtherWindows(options: OtherWindowsOptions): OtherWindows {
  const { appId, onTold, onDue, everyMs = EVERY_MS } = options;
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(`files:${appId}`);
  channel?.addEventListener("message", onTold);
  const timer = setInterval(() => {
    if (!document.hidden) onDue();
  }, everyMs);
  let burst: ReturnType<typeof setTimeout> | undefined;
  return {
    tell() {
      burst ??= setTimeout(() => {
        burst = undefined;
        channel?.postMessage("changed");
      }, BURST_MS);
    },
    close() {
      clearInterval(timer);
      clearTimeout(burst);
      channel?.close();
    },
  };
}
