import { LIMITS, type Visits } from "../../src/preview/engine/protocol";
import type { PageLink } from "./page";

interface Visit {
  path: string;
  state: unknown;
}

/**
 * The app's own history. The browser's is shared with the page around the frame, whose Back button would walk through
 * the app: so the frame's address is only ever replaced, or in WebKit left as it is, and what came before is kept here.
 */
export class AppHistory {
  readonly #entries: Visit[];
  #index: number;
  readonly #replace = history.replaceState.bind(history);

  constructor(
    private readonly page: PageLink,
    visits: Visits,
    /** Begins the app anew at its present place. */
    readonly load: () => void,
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
    Object.defineProperty(history, "state", { get: () => this.#entry.state, configurable: true });
  }

  /** Where the app is. */
  get url(): URL {
    return new URL(this.#entry.path, location.href);
  }

  travel(by: number): void {
    const index = this.#index + by;
    if (!this.#entries[index]) return;
    setTimeout(() => {
      const before = this.url;
      this.#index = index;
      this.#show();
      this.#announce(before);
    });
  }

  /** Goes to a place as a link within the app does. */
  go(path: string): void {
    const before = this.url;
    this.#push(null, path);
    this.#announce(before);
  }

  /** Goes to a place as a link of a document does: to a part of it, to another one, or out of the preview. */
  open(address: string | URL, how: { replace?: boolean } = {}): void {
    const target = new URL(address, this.url);
    if (target.host !== location.host) {
      window.open(target, "_blank", "noopener");
      return;
    }
    const here = this.url;
    if (how.replace) history.replaceState(null, "", target);
    else this.#push(null, target);
    const samePage = target.pathname === here.pathname && target.search === here.search;
    if (samePage && target.hash) this.#announce(here);
    else this.load();
  }

  get #entry(): Visit {
    return this.#entries[this.#index] ?? { path: "/", state: null };
  }

  #push(state: unknown, url?: string | URL | null): void {
    this.#entries.splice(this.#index + 1, this.#entries.length, { path: this.#path(url), state });
    if (this.#entries.length > LIMITS.visits) this.#entries.shift();
    this.#index = this.#entries.length - 1;
    this.#show();
  }

  #path(url?: string | URL | null): string {
    if (url === undefined || url === null) return this.#entry.path;
    const target = new URL(url, this.url);
    if (target.host !== location.host) throw new DOMException(`The app cannot go to ${target.href}.`, "SecurityError");
    return (target.pathname + target.search + target.hash).slice(0, LIMITS.path);
  }

  #show(): void {
    const { path, state } = this.#entry;
    try {
      this.#replace(state, "", path);
    } catch {
      // WebKit lets no document of an opaque origin change its path: the app's location stands for it.
    }
    this.page.send({ type: "visits", entries: this.#entries.map((visit) => visit.path), index: this.#index });
  }

  #announce(before: URL): void {
    const now = this.url;
    window.dispatchEvent(new PopStateEvent("popstate", { state: this.#entry.state }));
    if (before.pathname + before.search !== now.pathname + now.search || before.hash === now.hash) return;
    window.dispatchEvent(new HashChangeEvent("hashchange", { oldURL: before.href, newURL: now.href }));
    if (now.hash) document.getElementById(decodeURIComponent(now.hash.slice(1)))?.scrollIntoView();
  }
}
