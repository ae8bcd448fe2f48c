import { createStore } from "zustand/vanilla";
import { onReturn } from "../ui/onReturn";
import { type Memory, storage } from "../ui/storage";

/** Whether the vendor is told of answers by notifications; "blocked" where the browser was told not to allow them. */
export type NotifyState = "off" | "on" | "blocked" | "unsupported";

export interface BackgroundOptions {
  memory?: Memory;
  /** The browser's notifications; null where it has none. */
  notifications?: typeof Notification | null;
}

export type Background = ReturnType<typeof createBackground>;

const KEY = "notify-when-ready";
const READY = "● Answer ready · ";
const WAITS = "● Waits for you · ";
const READY_ICON = "/favicon-ready.svg";

/** Tells a vendor who looks elsewhere that an answer is ready: in the tab, and by a notification where allowed. */
export function createBackground(options: BackgroundOptions = {}) {
  const { memory = storage, notifications = globalThis.Notification ?? null } = options;
  const view = createStore<{ notify: NotifyState }>(() => ({ notify: current() }));
  let marked = "";
  let icon: { link: HTMLLinkElement; href: string } | null = null;

  function current(): NotifyState {
    if (!notifications) return "unsupported";
    if (notifications.permission === "denied") return "blocked";
    return notifications.permission === "granted" && memory.getItem(KEY) === "on" ? "on" : "off";
  }

  function plainTitle(): string {
    return document.title.startsWith(marked) ? document.title.slice(marked.length) : document.title;
  }

  function mark(text: string): void {
    document.title = text + plainTitle();
    marked = text;
    const link = document.querySelector<HTMLLinkElement>("link[rel~=icon]");
    if (!link || icon) return;
    icon = { link, href: link.href };
    link.href = READY_ICON;
  }

  function unmark(): void {
    if (document.hidden) return;
    document.title = plainTitle();
    marked = "";
    if (icon) icon.link.href = icon.href;
    icon = null;
  }

  return {
    view,

    /** An answer has ended, or `waits` for the vendor; whoever is looking at the page sees that. */
    answerReady(what: { title: string; text: string; waits?: boolean }): void {
      if (!document.hidden) return;
      mark(what.waits ? WAITS : READY);
      if (!notifications || current() !== "on") return;
      try {
        const shown = new notifications(what.title, { body: what.text, tag: "answer-ready" });
        shown.onclick = () => {
          window.focus();
          shown.close();
        };
      } catch {
        // Some phones have notifications for installed pages only.
      }
    },

    /** Turns notifications on, which the browser may ask about, or off. */
    async notify(on: boolean): Promise<void> {
      if (on) {
        memory.setItem(KEY, "on");
        await notifications?.requestPermission();
      } else memory.removeItem(KEY);
      view.setState({ notify: current() });
    },

    /** Takes the mark off the tab whenever somebody looks at it, until the returned function is called. */
    follow(): () => void {
      return onReturn(unmark);
    },
  };
}
