import { type FromFrame, LIMITS } from "../../src/preview/engine/protocol";
import type { PageLink } from "./page";
import { serialiseCall } from "./serialise";

type Level = Extract<FromFrame, { type: "console" }>["level"];

const LEVELS: Record<string, Level> = {
  debug: "debug",
  log: "log",
  info: "info",
  warn: "warn",
  error: "error",
  trace: "log",
  dir: "log",
  table: "log",
  group: "log",
  groupCollapsed: "log",
};
/** So many lines are sent in a tenth of a second; the page would have no time for anything else. */
const BURST = 100;
const WINDOW_MS = 100;

/** Sends what the app writes to its console to the page too. */
export function forwardConsole(page: PageLink): void {
  const target = console as unknown as Record<string, (...values: unknown[]) => void>;
  let sent = 0;
  let leftOut = 0;
  const forward = (level: Level, values: unknown[]) => {
    if (sent === 0) setTimeout(renew, WINDOW_MS);
    if (++sent > BURST) {
      leftOut++;
      return;
    }
    const stack = (new Error().stack ?? "").slice(0, LIMITS.stack);
    // What photographs the app complains of fonts and pictures that it cannot have: no word of the app's.
    if (/\/preview\/packages\/photograph-\w+\.js/.test(stack)) return;
    page.send({ type: "console", level, text: serialiseCall(values), stack });
  };
  const renew = () => {
    const text = `${leftOut} more lines came too fast to be shown.`;
    if (leftOut > 0) page.send({ type: "console", level: "warn", text, stack: "" });
    sent = 0;
    leftOut = 0;
  };
  for (const [name, level] of Object.entries(LEVELS)) {
    const original = target[name]?.bind(console);
    target[name] = (...values) => {
      original?.(...values);
      forward(level, values);
    };
  }
  const assert = console.assert.bind(console);
  console.assert = (condition, ...values) => {
    assert(condition, ...values);
    if (!condition) forward("error", ["Assertion failed:", ...values]);
  };
}
