import { type ErrorKind, LIMITS } from "../../src/preview/engine/protocol";
import { adapt } from "./packages";
import type { PageLink } from "./page";
import { serialise } from "./serialise";
import { EndlessLoop } from "./tick";

/** The browser's own console, before the app's is sent to the page: the page is told of errors by themselves. */
const note = console.debug.bind(console);

interface RootOptions {
  onUncaughtError?: (error: unknown, info: { componentStack?: string }) => void;
}
type CreateRoot = (container: unknown, options?: RootOptions) => unknown;
type HydrateRoot = (container: unknown, children: unknown, options?: RootOptions) => unknown;

/** Sends the errors of the app to the page, each with what kind it is. */
export class Errors {
  /** The build that runs at present: errors of an earlier one no longer count. */
  build = 0;

  constructor(private readonly page: PageLink) {
    window.addEventListener("error", (event) => {
      // The browser's own note that a layout took two passes, which charts cause; nothing is wrong.
      if (event.message.startsWith("ResizeObserver loop")) return;
      // An error of a classic script has its place in the event alone.
      const place = `at ${event.filename}:${event.lineno}:${event.colno}`;
      this.report("event", event.error ?? event.message, event.error ? "" : place);
    });
    // React tells of an error in a handler by this; WebKit would blacken it on its way through an event.
    window.reportError = (error) => {
      this.report("event", error);
      note(error);
    };
    window.addEventListener("unhandledrejection", (event) => this.report("promise", event.reason));
    adapt("react-dom/client", (exports) => {
      const createRoot = exports.createRoot as CreateRoot;
      const hydrateRoot = exports.hydrateRoot as HydrateRoot;
      exports.createRoot = (container: unknown, options?: RootOptions) =>
        createRoot(container, this.#withReports(options));
      exports.hydrateRoot = (container: unknown, children: unknown, options?: RootOptions) =>
        hydrateRoot(container, children, this.#withReports(options));
      exports.default = { ...exports };
      return exports;
    });
  }

  report(kind: ErrorKind, error: unknown, more = ""): void {
    const known = error instanceof Error ? error : null;
    const message = known
      ? known.name === "Error"
        ? known.message
        : `${known.name}: ${known.message}`
      : serialise(error);
    const stack = `${known?.stack ?? ""}\n${more}`.slice(0, LIMITS.stack);
    this.page.send({
      type: "error",
      build: this.build,
      kind: error instanceof EndlessLoop ? "unresponsive" : kind,
      message: message.slice(0, LIMITS.argument),
      stack,
    });
  }

  #withReports(options: RootOptions = {}): RootOptions {
    return {
      ...options,
      onUncaughtError: (error, info) => {
        this.report("render", error, info.componentStack);
        options.onUncaughtError?.(error, info);
      },
    };
  }
}
