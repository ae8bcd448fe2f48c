import type { AppHistory } from "./visits";

const READ = ["pathname", "search", "hash", "host", "hostname", "port", "protocol", "origin"] as const;
const WRITTEN = ["pathname", "search", "hash"] as const;

declare global {
  /** What the app and its packages have in place of `location` and `window`. */
  var previewLocation: Location;
  var previewWindow: Window;
}

/**
 * Gives the app a location of its own. To change the real one would lead the frame away from the preview,
 * and in WebKit the real one does not follow the app.
 */
export function standInForLocation(visits: AppHistory): void {
  const standIn = {
    assign: (url: string | URL) => visits.open(url),
    replace: (url: string | URL) => visits.open(url, { replace: true }),
    reload: () => visits.load(),
    toString: () => visits.url.href,
  };
  Object.defineProperty(standIn, "href", { get: () => visits.url.href, set: (url: string) => visits.open(url) });
  for (const part of READ) {
    const set = (value: string) => {
      const target = visits.url;
      if (part === WRITTEN[0] || part === WRITTEN[1] || part === WRITTEN[2]) target[part] = value;
      if (target.href !== visits.url.href) visits.open(target);
    };
    Object.defineProperty(standIn, part, { get: () => visits.url[part], set, enumerable: true });
  }
  globalThis.previewLocation = standIn as unknown as Location;
  globalThis.previewWindow = windowWith(globalThis.previewLocation);
}

/** The window, but for its location. */
function windowWith(location: Location): Window {
  const bound = new Map<PropertyKey, unknown>();
  return new Proxy(window, {
    get(target, name) {
      if (name === "location") return location;
      const value: unknown = Reflect.get(target, name, target);
      // The window's own functions run on nothing but the window; constructors stay as they are.
      if (typeof value !== "function" || value.prototype) return value;
      if (!bound.has(name)) bound.set(name, value.bind(target));
      return bound.get(name);
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

/** Links and forms that the app leaves to the browser. */
export function followLinks(visits: AppHistory): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || link.hasAttribute("download")) return;
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || !/^https?:/.test(link.href)) return;
    event.preventDefault();
    visits.open(link.getAttribute("href") ?? "");
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.method === "dialog") return;
    event.preventDefault();
    const target = new URL(form.getAttribute("action") ?? "", visits.url);
    if (form.method !== "get" || target.host !== location.host) {
      console.warn(`The preview has no server that takes the form for ${target.pathname}.`);
      return;
    }
    const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    target.search = new URLSearchParams(fields).toString();
    visits.open(target);
  });
}
