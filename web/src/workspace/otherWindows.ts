/** How often a window that is looked at asks whether the app was changed elsewhere. */
const EVERY_MS = 10_000;

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
}

/** Keeps the windows on one app together: those of this browser at once, others within seconds. */
export function followOtherWindows({ appId, onTold, onDue }: OtherWindowsOptions): OtherWindows {
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(`files:${appId}`);
  channel?.addEventListener("message", onTold);
  const timer = setInterval(() => {
    if (!document.hidden) onDue();
  }, EVERY_MS);
  return {
    tell: () => channel?.postMessage("changed"),
    close() {
      clearInterval(timer);
      channel?.close();
    },
  };
}
