import { LIMITS, type Visits } from "../../src/preview/engine/protocol";
import type { PageLink } from "./page";

interface Visit {
  path: string;
  state: unknown;
}

/**
 * The app's own history. The browser's is shared with the page around the frame, whose Back button
 * would walk through the app: so the frame's address is only ever replaced, and what came before is kept here.
 */
export class AppHistory {
  readonly #entries: Visit[];
  #index: number;
  readonly #replace = history.replaceState.bind(history);

  constructor(
    private readonly page: PageLink,
    visits: Visits,
    /** A place that the app's modules cannot take over. */
    private readonly load: () => void,
  ) {
    this.#entries = visits.entries.map((path) => ({ path, state: null }));
    this.#index = visits.index;
    this.#show();
    history.pushState = (state, _, url) => this.#push(state, url);
    history.replaceState = (state, _, url) => {
      this.#entries[this.#index] = { path: this.#path(url), state };
      this.#show();
    };
    history.go = (by = 0) => (by === 0 ? this.load() : this.travel(by));
    history.back = () => this.travel(-1);
    history.forward = () => this.travel(1);
    Object.defineProperty(history, "length", { get: () => this.#entries.length, configurable: true });
    // `location.hash = …` is the one change of address that cannot be taken over.
    window.addEventListener("hashchange", () => {
      const path = here();
      if (path === this.#entries[this.#index]?.path) return;
      this.#record({ path, state: history.state });
      this.#tell();
    });
    document.addEventListener("click", (event) => this.#follow(event));
    document.addEventListener("submit", (event) => this.#submit(event));
  }

  travel(by: number): void {
    const index = this.#index + by;
    if (!this.#entries[index]) return;
    setTimeout(() => {
      const before = location.href;
      this.#index = index;
      this.#show();
      this.#announce(before);
    });
  }

  /** Goes to a place as a link of the app would. */
  go(path: string): void {
    const before = location.href;
    this.#push(null, path);
    this.#announce(before);
  }

  #push(state: unknown, url?: string | URL | null): void {
    this.#record({ path: this.#path(url), state });
    this.#show();
  }

  #record(visit: Visit): void {
    this.#entries.splice(this.#index + 1, this.#entries.length, visit);
    if (this.#entries.length > LIMITS.visits) this.#entries.shift();
    this.#index = this.#entries.length - 1;
  }

  #path(url?: string | URL | null): string {
    if (url === undefined || url === null) return here();
    const target = new URL(url, location.href);
    if (target.host !== location.host) throw new DOMException(`The app cannot go to ${target.href}.`, "SecurityError");
    return (target.pathname + target.search + target.hash).slice(0, LIMITS.path);
  }

  #show(): void {
    const { path, state } = this.#entries[this.#index] ?? { path: "/", state: null };
    this.#replace(state, "", path);
    this.#tell();
  }

  #tell(): void {
    this.page.send({ type: "visits", entries: this.#entries.map(({ path }) => path), index: this.#index });
  }

  #announce(before: string): void {
    window.dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
    const [from, to] = [before.split("#"), location.href.split("#")];
    if (from[0] !== to[0] || from[1] === to[1]) return;
    window.dispatchEvent(new HashChangeEvent("hashchange", { oldURL: before, newURL: location.href }));
    if (to[1]) document.getElementById(decodeURIComponent(to[1]))?.scrollIntoView();
  }

  /** A link that the app leaves to the browser: to a place of the app, or out of the preview. */
  #follow(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || link.hasAttribute("download")) return;
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || !/^https?:/.test(link.href)) return;
    const target = new URL(link.href);
    event.preventDefault();
    if (target.host !== location.host) window.open(link.href, "_blank", "noopener");
    else if (target.pathname + target.search === location.pathname + location.search && target.hash) this.go(link.href);
    else this.#open(link.href);
  }

  #submit(event: SubmitEvent): void {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.method === "dialog") return;
    event.preventDefault();
    const target = new URL(form.action, location.href);
    if (form.method !== "get" || target.host !== location.host) {
      console.warn(`The preview has no server that takes the form for ${target.pathname}.`);
      return;
    }
    const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    target.search = new URLSearchParams(fields).toString();
    this.#open(target.href);
  }

  #open(url: string): void {
    this.#push(null, url);
    this.load();
  }
}

function here(): string {
  return location.pathname + location.search + location.hash;
}
