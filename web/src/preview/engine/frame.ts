import { readMessage } from "./messages";
import { type FromFrame, HELLO, type ToFrame } from "./protocol";
import { Watchdog } from "./watchdog";

/** Never `allow-same-origin`: the app must not be able to act as the page. */
const SANDBOX = "allow-scripts allow-forms allow-modals allow-popups allow-downloads";
const HELLO_WITHIN_MS = 3000;
/** More messages in a second than an honest frame has to say. */
const FLOOD = 2000;

type Unaddressed<T> = T extends { nonce: string } ? Omit<T, "nonce"> : never;

export interface FrameListener {
  /** The frame's document is there, and waits for the app. */
  onReady(): void;
  onMessage(message: FromFrame): void;
  onSilence(silent: boolean): void;
  /** The frame shows another document, or none. */
  onLost(): void;
  onFlood(): void;
}

/** One document of the preview, from its making to its end, and the talk with it. */
export class Frame {
  readonly #element = document.createElement("iframe");
  readonly #nonce = crypto.getRandomValues(new Uint32Array(4)).join("-");
  readonly #watchdog: Watchdog;
  readonly #closed = new AbortController();
  #ready = false;
  #loads = 0;
  #helloTimer: ReturnType<typeof setTimeout> | undefined;
  #counted = 0;
  #since = 0;

  constructor(
    host: HTMLElement,
    url: string,
    private readonly listener: FrameListener,
  ) {
    this.#watchdog = new Watchdog(
      (count) => this.send({ type: "ping", count }),
      (silent) => listener.onSilence(silent),
    );
    this.#element.title = "Preview of the app";
    this.#element.setAttribute("sandbox", SANDBOX);
    this.#element.style.cssText = "display:block;width:100%;height:100%;border:0;background:#fff";
    this.#element.src = url;
    const { signal } = this.#closed;
    window.addEventListener("message", (event) => this.#hear(event), { signal });
    this.#element.addEventListener("load", () => this.#loaded(), { signal });
    this.#helloTimer = setTimeout(() => listener.onLost(), 5 * HELLO_WITHIN_MS);
    host.append(this.#element);
  }

  send(message: Unaddressed<ToFrame>): void {
    // An opaque origin has no name to address it by; the page's policy lets the frame be nowhere else.
    this.#element.contentWindow?.postMessage({ ...message, nonce: this.#nonce }, "*");
  }

  close(): void {
    this.#closed.abort();
    clearTimeout(this.#helloTimer);
    this.#watchdog.stop();
    this.#element.remove();
  }

  #hear(event: MessageEvent<unknown>): void {
    if (event.source !== this.#element.contentWindow || event.origin !== "null") return;
    if (this.#floods()) return;
    if (isHello(event.data)) {
      clearTimeout(this.#helloTimer);
      if (this.#ready) {
        this.listener.onLost();
        return;
      }
      this.#ready = true;
      this.listener.onReady();
      this.#watchdog.start();
      return;
    }
    const message = readMessage(event.data, this.#nonce);
    if (!message) return;
    if (message.type === "pong") this.#watchdog.answered(message.count);
    else if (message.type === "modal") this.#watchdog.hold(message.open);
    else this.listener.onMessage(message);
  }

  /** The first document is the preview's; a further one is where the app has gone. */
  #loaded(): void {
    if (this.#loads++ > 0) this.listener.onLost();
  }

  #floods(): boolean {
    const now = performance.now();
    if (now - this.#since > 1000) {
      this.#since = now;
      this.#counted = 0;
    }
    if (++this.#counted === FLOOD) this.listener.onFlood();
    return this.#counted >= FLOOD;
  }
}

function isHello(data: unknown): boolean {
  return typeof data === "object" && data !== null && "type" in data && data.type === HELLO;
}
