import type { AppDocument } from "../../src/preview/engine/protocol";

/** Makes this document the app's: its head, its body, and the attributes of both. Scripts are run apart. */
export function showDocument(html: string): void {
  const wanted = new DOMParser().parseFromString(html, "text/html");
  for (const [element, source] of [
    [document.documentElement, wanted.documentElement],
    [document.body, wanted.body],
  ] as const) {
    for (const { name, value } of source.attributes) element.setAttribute(name, value);
  }
  document.title = wanted.title;
  document.head.append(...wanted.head.children);
  document.body.replaceChildren(...wanted.body.childNodes);
}

/** Runs a script as a document would: its declarations are seen by the scripts after it. */
export function runClassic(script: Extract<AppDocument["scripts"][number], { kind: "classic" }>): void {
  const element = document.createElement("script");
  element.textContent = `${script.code}\n//# sourceURL=app:///${encodeURI(script.path)}`;
  document.body.append(element);
}

/** Scripts wait for these events, which this document had before the app came. */
export function announceLoaded(): void {
  document.dispatchEvent(new Event("DOMContentLoaded", { bubbles: true }));
  window.dispatchEvent(new Event("load"));
}
