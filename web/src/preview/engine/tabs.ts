import type { Files } from "./resolve";

const TAB_URL = "/preview/tab.html";

/** What the page and the tabs that show only the app say to each other, all of one origin. */
export type TabMessage = { type: "ask" } | { type: "files"; files: Files };

export function tabChannel(appId: string): BroadcastChannel {
  return new BroadcastChannel(`preview:${appId}`);
}

/** Keeps the tabs that show this app alone up to date, however many there are, and across their reloads. */
export function shareWithTabs(appId: string, files: () => Files | null) {
  const channel = tabChannel(appId);
  let asked = false;
  const tell = () => {
    const present = files();
    if (asked && present) channel.postMessage({ type: "files", files: new Map(present) } satisfies TabMessage);
  };
  channel.onmessage = ({ data }: MessageEvent<TabMessage>) => {
    if (data.type !== "ask") return;
    asked = true;
    tell();
  };
  return {
    tell,
    open: (route: string) => {
      const query = new URLSearchParams({ app: appId, route });
      window.open(`${TAB_URL}?${query}`, "_blank", "noopener");
    },
    close: () => channel.close(),
  };
}
