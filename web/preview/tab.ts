import { createPreview } from "../src/preview/engine";
import { type TabMessage, tabChannel } from "../src/preview/engine/tabs";
import { storage } from "../src/ui/storage";

/** The app alone in a tab: its files come from the page that opened it, as long as that is open. */
const ANSWER_WITHIN_MS = 2000;

const query = new URLSearchParams(location.search);
const appId = query.get("app") ?? "";
const notice = element("notice");
const say = (text: string | null) => {
  notice.textContent = text;
  notice.hidden = text === null;
};

const preview = createPreview(
  element("app"),
  {
    onStatus: (status) => say(status === "empty" ? "There is nothing to show yet." : null),
    onPainted: () => {},
    onConsole: () => {},
    onProblem: (problem) => say(problem ? problem.message : null),
    onRoute: () => {},
    onPicked: () => {},
    onPickingEnded: () => {},
  },
  { appId, memory: storage, route: query.get("route") ?? "/", alone: true },
);

const channel = tabChannel(appId);
const unanswered = setTimeout(() => say("Open this app in the editor: this tab follows it there."), ANSWER_WITHIN_MS);
channel.onmessage = ({ data }: MessageEvent<TabMessage>) => {
  if (data.type !== "files") return;
  clearTimeout(unanswered);
  preview.update(data.files);
};
channel.postMessage({ type: "ask" } satisfies TabMessage);

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}
