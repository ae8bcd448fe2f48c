/** The app's own files by the address at which a server would have them; some are asked for while the app runs. */
export class Assets {
  #texts = new Map<string, string>();

  constructor() {
    const fetched = window.fetch.bind(window);
    window.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input, previewLocation.href);
      if (url.host !== previewLocation.host || url.protocol === "data:" || url.protocol === "blob:")
        return fetched(input, init);
      const text = this.#at(url);
      if (text === undefined) return new Response("Not found", { status: 404, statusText: "Not Found" });
      return new Response(...decoded(text));
    };
    // A picture with a file's address would ask the server, which does not have it.
    for (const { prototype } of [HTMLImageElement, HTMLSourceElement]) {
      const { set, get } = Object.getOwnPropertyDescriptor(prototype, "src") ?? {};
      const resolved = (address: unknown) => this.#picture(String(address));
      Object.defineProperty(prototype, "src", {
        configurable: true,
        get,
        set(this: Element, address: unknown) {
          set?.call(this, resolved(address));
        },
      });
      prototype.setAttribute = function (this: Element, name: string, value: string) {
        Element.prototype.setAttribute.call(this, name, name.toLowerCase() === "src" ? resolved(value) : value);
      };
    }
  }

  put(assets: readonly [path: string, text: string][]): void {
    this.#texts = new Map(assets);
  }

  #at(url: URL): string | undefined {
    return this.#texts.get(decodeURIComponent(url.pathname));
  }

  #picture(address: string): string {
    if (/^(data|blob|https?):/.test(address)) return address;
    const text = this.#at(new URL(address, previewLocation.href));
    return text?.startsWith("data:") ? text : address;
  }
}

/** The body and headers of an answer for a file: text as it is, a picture out of its data URL. */
function decoded(text: string): [string, ResponseInit] {
  const picture = /^data:([^;,]+)[^,]*,(.*)$/s.exec(text);
  if (picture) return [decodeURIComponent(picture[2] ?? ""), { headers: { "Content-Type": picture[1] ?? "" } }];
  const json = /^\s*[[{]/.test(text);
  return [text, { headers: { "Content-Type": json ? "application/json" : "text/plain; charset=utf-8" } }];
}
