/** The attributes by which elements load what may be a file of the app. */
const LOADING = [
  [HTMLImageElement.prototype, "src"],
  [HTMLSourceElement.prototype, "src"],
  [HTMLMediaElement.prototype, "src"],
  [HTMLVideoElement.prototype, "poster"],
] as const;

/** The app's own files by the address at which a server would have them; some are asked for while the app runs. */
export class Assets {
  #texts = new Map<string, string>();
  /** The addresses that elements were given in the app's own words. */
  readonly #given = new WeakMap<Element, Map<string, string>>();
  /** The addresses in styles, with what was put in their place. */
  readonly #styled = new Map<string, string>();

  constructor() {
    const fetched = window.fetch.bind(window);
    window.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input, previewLocation.href);
      if (url.host !== previewLocation.host || url.protocol === "data:" || url.protocol === "blob:")
        return fetched(input, init);
      const text = this.#at(url);
      if (text === undefined) return new Response("Not found", { status: 404, statusText: "Not Found" });
      return text.startsWith("data:") ? fetched(text) : answerOf(text);
    };
    // A picture with a file's address would ask the server, which does not have it.
    for (const [prototype, name] of LOADING) this.#stand(prototype, name);
    window.Audio = new Proxy(window.Audio, {
      construct: (Sound, [address]: [string?]) =>
        Object.assign(new Sound(), address === undefined ? {} : { src: address }),
    });
    this.#watchStyles();
  }

  /** Takes the files as they are now; false where something shows one of them that cannot be brought up to date. */
  put(assets: readonly [path: string, text: string][]): boolean {
    this.#texts = new Map(assets);
    // What is on the page already shows the file as it is now.
    for (const element of document.querySelectorAll("img,source,video,audio")) {
      for (const [name, address] of this.#given.get(element) ?? []) {
        const resolved = this.#data(address);
        if (element.getAttribute(name) !== resolved) Element.prototype.setAttribute.call(element, name, resolved);
      }
    }
    return [...this.#styled].every(([address, data]) => this.#data(address) === data);
  }

  /** Takes the place of an attribute, and of the property of its name. */
  #stand(prototype: Element, name: string): void {
    const { set, get } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
    const resolve = (element: Element, address: string): string => {
      const given = this.#given.get(element) ?? new Map<string, string>();
      this.#given.set(element, given.set(name, address));
      return this.#data(address);
    };
    Object.defineProperty(prototype, name, {
      configurable: true,
      get,
      set(this: Element, address: unknown) {
        set?.call(this, resolve(this, String(address)));
      },
    });
    const before = prototype.setAttribute;
    prototype.setAttribute = function (this: Element, attribute: string, value: string) {
      before.call(this, attribute, attribute.toLowerCase() === name ? resolve(this, value) : value);
    };
  }

  /**
   * Styles of elements have no setter to stand in for, and Tailwind writes a sheet of its own as the app runs; the browser
   * loads what they name a moment after these are told of.
   */
  #watchStyles(): void {
    const renew = (element: Element) => {
      const style = element.getAttribute("style");
      const resolved = style && this.#resolved(style);
      if (resolved !== style) element.setAttribute("style", resolved ?? "");
      if (!(element instanceof HTMLStyleElement) || element.type !== "") return;
      const sheet = this.#resolved(element.textContent ?? "");
      if (sheet !== element.textContent) element.textContent = sheet;
    };
    new MutationObserver((records) => {
      for (const { target, addedNodes } of records) {
        if (target instanceof Element) renew(target);
        for (const node of addedNodes) {
          if (!(node instanceof Element)) continue;
          renew(node);
          for (const inner of node.querySelectorAll('[style*="url("]')) renew(inner);
        }
      }
    }).observe(document, { subtree: true, childList: true, attributeFilter: ["style"] });
  }

  /** Styles with data: URLs in place of the addresses of files. */
  #resolved(css: string): string {
    if (!css.includes("url(")) return css;
    return css.replace(/url\(\s*(["']?)((?!data:)[^"')]+)\1\s*\)/g, (whole, _, address: string) => {
      const data = this.#data(address);
      if (data === address) return whole;
      this.#styled.set(address, data);
      return `url("${data}")`;
    });
  }

  #at(url: URL): string | undefined {
    return this.#texts.get(decodeURIComponent(url.pathname));
  }

  /** The data: URL of the file at this address; the address itself where there is none. */
  #data(address: string): string {
    if (/^(data|blob|https?):/.test(address)) return address;
    const text = this.#at(new URL(address, previewLocation.href));
    return text?.startsWith("data:") ? text : address;
  }
}

/** The answer of a server for a text. */
function answerOf(text: string): Response {
  const type = /^\s*[[{]/.test(text) ? "application/json" : "text/plain; charset=utf-8";
  return new Response(text, { headers: { "Content-Type": type } });
}
