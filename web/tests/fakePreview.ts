import type { Preview, PreviewListener } from "../src/preview/model";
import type { CreatePreview } from "../src/preview/useRunningApp";

/** A small preview that runs nothing: its "app" is `index.html`, and a test speaks for it. */
export class FakePreview implements Preview {
  readonly #frame = document.createElement("section");
  readonly #listener: PreviewListener;
  #routes = ["/"];
  #at = 0;
  files: ReadonlyMap<string, string> = new Map();
  updates = 0;
  reloads = 0;
  tabs = 0;
  picking = false;
  disposed = false;

  constructor(host: HTMLElement, listener: PreviewListener) {
    this.#listener = listener;
    this.#frame.title = "The app";
    host.append(this.#frame);
  }

  /** What the app tells, as if it ran. */
  get tells(): PreviewListener {
    return this.#listener;
  }

  update(files: ReadonlyMap<string, string>): void {
    this.files = files;
    this.updates += 1;
    const page = files.get("index.html");
    this.#frame.innerHTML = page ?? "";
    this.#listener.onStatus(page === undefined ? "empty" : "running");
    if (page !== undefined) this.#listener.onPainted();
  }
  reload(): void {
    this.reloads += 1;
    this.update(this.files);
  }
  stop(): void {
    this.#frame.replaceChildren();
    this.#listener.onStatus("stopped");
  }
  go(path: string): void {
    this.#routes = [...this.#routes.slice(0, this.#at + 1), path];
    this.#move(1);
  }
  back(): void {
    this.#move(-1);
  }
  forward(): void {
    this.#move(1);
  }
  pick(on: boolean): void {
    this.picking = on;
  }
  async photograph(): Promise<Blob> {
    return new Blob([this.#frame.innerHTML], { type: "image/png" });
  }
  openInTab(): void {
    this.tabs += 1;
  }
  dispose(): void {
    this.disposed = true;
    this.#frame.remove();
  }

  #move(by: number): void {
    this.#at += by;
    this.#listener.onRoute({
      path: this.#routes[this.#at] ?? "/",
      canGoBack: this.#at > 0,
      canGoForward: this.#at < this.#routes.length - 1,
    });
  }
}

/** An engine whose previews are kept for the test to look at. */
export function fakeEngine() {
  const previews: FakePreview[] = [];
  const createPreview: CreatePreview = (host, listener) => {
    const preview = new FakePreview(host, listener);
    previews.push(preview);
    return preview;
  };
  return { previews, loadEngine: async () => createPreview };
}
