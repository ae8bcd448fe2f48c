import { type FromFrame, HELLO, type ToFrame } from "../../src/preview/engine/protocol";

/** The way to the page that holds this frame. */
export interface PageLink {
  send(message: FromFrame): void;
}

/** Says hello, and calls `onStart` with the page's first message and `onMessage` with all that follow. */
export function connect(
  onStart: (start: Extract<ToFrame, { type: "start" }>, page: PageLink) => void,
  onMessage: (message: ToFrame) => void,
): void {
  const { parent, origin } = { parent: window.parent, origin: new URL(location.href).origin };
  const post = parent.postMessage.bind(parent);
  let nonce: string | null = null;
  window.addEventListener("message", (event: MessageEvent<ToFrame>) => {
    if (event.source !== parent || event.origin !== origin) return;
    event.stopImmediatePropagation();
    const message = event.data;
    if (message.type === "start" && nonce === null) {
      nonce = message.nonce;
      onStart(message, { send: (sent) => post({ nonce, ...sent }, origin) });
    } else if (message.nonce === nonce) {
      onMessage(message);
    }
  });
  post({ type: HELLO }, origin);
}
