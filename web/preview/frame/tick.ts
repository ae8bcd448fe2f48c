/** A loop was ended because it ran for seconds. */
export class EndlessLoop extends Error {
  override name = "EndlessLoop";
}

const LOOKS = 50_000;
// Chromium runs this frame in a process of its own, where the vendor can end it; elsewhere the page stands still too.
const LIMIT_MS = /Chrome\//.test(navigator.userAgent) ? 10_000 : 2000;

let looks = 0;
let since: number | null = null;
const { port1: sender, port2: receiver } = new MessageChannel();
receiver.onmessage = () => {
  since = null;
};

/** Called in each turn of each loop: ends one that has let nothing else happen for too long. */
export function tick(): true {
  if (++looks % LOOKS !== 0) return true;
  const now = performance.now();
  if (since === null) {
    since = now;
    // Arrives when the present task has ended.
    sender.postMessage(null);
  } else if (now - since > LIMIT_MS) {
    since = null;
    throw new EndlessLoop(`A loop has run for ${LIMIT_MS / 1000} seconds without an end, and was stopped.`);
  }
  return true;
}
