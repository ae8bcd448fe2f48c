/** The app's own files by the address at which a server would have them; some are asked for while the app runs. */
export class Assets {
  #texts = new Map<string, string>();

  constructor() {
    const fetched = window.fetch.bind(window);
    window.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input, location.href);
      if (url.host !== location.host || url.protocol === "data:" || url.protocol === "blob:")
        return fetched(input, init);
      const text = this.#at(url);
      if (text === undefined) return new Response("Not found", { status: 404, statusText: "Not Found" });
      return new Response(...decoded(text));
    };
    // An element with a file's address would ask the server, which does not have it.
    new MutationObserver((records) => {
      for (const { target, addedNodes } of records) {
        this.#resolve(target);
        for (const node of addedNodes) {
          this.#resolve(node);
          if (node instanceof Element)
            for (const inner of node.querySelectorAll("img, source, use")) this.#resolve(inner);
        }
      }
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["src"] });
  }

  put(assets: readonly [path: string, text: string][]): void {
    this.#texts = new Map(assets);
  }

  #at(url: URL): string | undefined {
    return this.#texts.get(decodeURIComponent(url.pathname));
  }

  #resolve(node: Node): void {
    if (!(node instanceof HTMLImageElement || node instanceof HTMLSourceElement)) return;
    const address = node.getAttribute("src");
    if (!address || /^(data|blob|https?):/.test(address)) return;
    const text = this.#at(new URL(address, location.href));
    if (text?.startsWith("data:")) node.src = text;
  }
}

/** The body and headers of an answer for a file: text as it is, a picture out of its data URL. */
function decoded(text: string): [string, ResponseInit] {
  const picture = /^data:([^;,]+)[^,]*,(.*)$/s.exec(text);
  if (picture) return [decodeURIComponent(picture[2] ?? ""), { headers: { "Content-Type": picture[1] ?? "" } }];
  const json = /^\s*[[{]/.test(text);
  return [text, { headers: { "Content-Type": json ? "application/json" : "text/plain; charset=utf-8" } }];
}
