import { LIMITS } from "../../src/preview/engine/protocol";
import type { PageLink } from "./page";
import { originOf } from "./refresh";

interface Fiber {
  type: unknown;
  return: Fiber | null;
  _debugStack?: Error | string | null;
}

/** Lets the vendor point at an element of the app: it is framed under the pointer and told to the page by a click. */
export class Picker {
  readonly #frame = document.createElement("div");
  #stop: AbortController | null = null;

  constructor(private readonly page: PageLink) {
    this.#frame.style.cssText =
      "position:fixed;z-index:2147483647;pointer-events:none;border:2px solid #0f6b54;border-radius:4px;background:rgb(15 107 84/12%);display:none";
    this.#frame.setAttribute("aria-hidden", "true");
  }

  pick(on: boolean): void {
    this.#stop?.abort();
    this.#stop = null;
    this.#frame.remove();
    if (!on) return;
    this.#stop = new AbortController();
    const options = { capture: true, signal: this.#stop.signal };
    document.documentElement.append(this.#frame);
    const held = (event: Event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    for (const type of ["pointerdown", "pointerup", "mousedown", "mouseup"])
      window.addEventListener(type, held, options);
    window.addEventListener("pointermove", (event) => this.#show(event.target), options);
    window.addEventListener(
      "click",
      (event) => {
        held(event);
        this.pick(false);
        if (event.target instanceof Element) this.#tell(event.target);
      },
      options,
    );
    window.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Escape") return;
        held(event);
        this.pick(false);
        this.page.send({ type: "pickingEnded" });
      },
      options,
    );
  }

  #show(target: EventTarget | null): void {
    if (!(target instanceof Element)) return;
    const { left, top, width, height } = target.getBoundingClientRect();
    const place = { display: "block", left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` };
    Object.assign(this.#frame.style, place);
  }

  #tell(element: Element): void {
    const fiber = fiberOf(element);
    let component = fiber;
    while (component && !originOf(component.type)) component = component.return;
    const origin = originOf(component?.type);
    const stack = fiber?._debugStack;
    const written = typeof stack === "string" ? stack : (stack?.stack ?? "");
    const text = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, LIMITS.text);
    // Where the element is not from React, its component's file is the best that is known.
    const place = written || (origin ? `at app:///${origin.path}:1:1` : "");
    const named = origin?.name ?? element.tagName.toLowerCase();
    this.page.send({ type: "picked", component: named, text, stack: place.slice(0, LIMITS.stack) });
  }
}

/** React's own record of an element, or of the nearest one around it that React made. */
function fiberOf(element: Element): Fiber | null {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const key = Object.keys(at).find((name) => name.startsWith("__reactFiber$"));
    if (key) return (at as unknown as Record<string, Fiber>)[key] ?? null;
  }
  return null;
}
