import type { Memory } from "../../ui/storage";
import type { Preview, PreviewListener, PreviewStatus, Problem } from "../model";
import { AppStorage } from "./appStorage";
import { Builder, type BuildResult, type BuiltApp } from "./build";
import { pageFor } from "./entry";
import { sameAssets } from "./files";
import { Frame } from "./frame";
import { isPath } from "./messages";
import { Photographs } from "./photographs";
import { type FromFrame, LIMITS, type Visits } from "./protocol";
import type { Files } from "./resolve";
import { readStack } from "./stack";
import { shareWithTabs } from "./tabs";
import { forgetOrigins } from "./transform";

const FRAME_URL = "/preview/frame.html";
/** So many times in ten seconds may the app have itself loaded anew. */
const RELOADS = 10;
const RELOADS_MS = 10_000;
const PAINT = "preview paint";

export interface Options {
  appId: string;
  memory: Memory;
  /** Where in the app to begin. */
  route?: string;
  /** This is such a tab: it follows the page, and nobody follows it. */
  alone?: boolean;
}

/** The app as it is built, the frame that it runs in, and what is known of both. */
export class Engine implements Preview {
  readonly #builder = new Builder();
  readonly #storage: AppStorage;
  readonly #photographs = new Photographs();
  readonly #tabs: ReturnType<typeof shareWithTabs> | null;
  #files: Files | null = null;
  #frame: Frame | null = null;
  #frameReady = false;
  /** What is built from the latest files that could be built. */
  #built: BuiltApp | null = null;
  /** What the frame has been given. */
  #shown: BuiltApp | null = null;
  #visits: Visits = { entries: ["/"], index: 0 };
  #status: PreviewStatus = "loading";
  #buildProblem: Problem | null = null;
  #appProblem: Problem | null = null;
  #silence: Problem | null = null;
  #building: Promise<void> | null = null;
  #reloads: number[] = [];
  /** The number of the latest build that was sent to the frame. */
  #sent = 0;
  /** A change was sent since the app has last painted. */
  #changeWaits = false;
  /** Since when the latest files are on their way to the screen. */
  #waitingSince: number | null = performance.now();

  constructor(
    private readonly host: HTMLElement,
    private readonly listener: PreviewListener,
    options: Options,
  ) {
    this.#storage = new AppStorage(options.appId, options.memory);
    this.#tabs = options.alone ? null : shareWithTabs(options.appId, () => this.#files);
    if (isPath(options.route)) this.#visits = { entries: [options.route], index: 0 };
    this.#open();
  }

  update(files: Files): void {
    this.#files = files;
    this.#waitingSince ??= performance.now();
    this.#tabs?.tell();
    this.#building ??= this.#build();
  }

  reload(): void {
    this.#appProblem = null;
    this.#tell();
    // The page of another address must be built first.
    if (this.#files && this.#built && pageFor(this.#files, this.#route()) !== this.#built.page) this.#built = null;
    this.#open();
    if (this.#files) this.update(this.#files);
  }

  stop(): void {
    this.#close();
    this.#setStatus("stopped");
  }

  go(path: string): void {
    const target = `/${path.replace(/^\/+/, "")}`.slice(0, LIMITS.path);
    if (this.#shown && this.#frameReady) this.#frame?.send({ type: "go", path: target });
  }

  back(): void {
    this.#frame?.send({ type: "travel", by: -1 });
  }

  forward(): void {
    this.#frame?.send({ type: "travel", by: 1 });
  }

  pick(on: boolean): void {
    this.#frame?.send({ type: "pick", on });
  }

  async photograph(): Promise<Blob> {
    await this.#building;
    if (this.#waitingSince !== null && !this.#buildProblem) await this.#photographs.nextPaint();
    return this.#photographs.take((count) => this.#frame?.send({ type: "photograph", count }));
  }

  openInTab(): void {
    this.#tabs?.open(this.#route());
  }

  dispose(): void {
    this.#close();
    this.#tabs?.close();
    this.#storage.save();
    forgetOrigins();
  }

  /** Builds until what is built is of the latest files. */
  async #build(): Promise<void> {
    await Promise.resolve();
    for (let files = this.#files; files; files = files === this.#files ? null : this.#files) {
      this.#take(await this.#builder.build(files, this.#route()));
    }
    this.#building = null;
  }

  #take(result: BuildResult): void {
    this.#buildProblem = result.kind === "problem" ? result.problem : null;
    if (result.kind === "empty") {
      this.#close();
      this.#built = null;
      this.#setStatus("empty");
    } else if (result.kind === "app") {
      this.#built = result.app;
      this.#show();
    } else if (!this.#shown) {
      this.#setStatus("running");
    }
    this.#tell();
  }

  /** Brings what is built into the frame: in place where that can be. */
  #show(): void {
    if (!this.#built || this.#status === "stopped") return;
    if (!this.#frame || this.#status === "unresponsive") this.#open();
    else if (this.#frameReady && !this.#shown) this.#start(this.#built);
    else if (this.#shown && JSON.stringify(this.#shown.document) !== JSON.stringify(this.#built.document)) this.#open();
    else if (this.#shown && this.#shown !== this.#built) this.#change(this.#shown, this.#built);
  }

  #start(app: BuiltApp): void {
    this.#shown = app;
    this.#appProblem = null;
    const { document, assets, modules } = app;
    const [visits, storage] = [this.#visits, this.#storage.entries()];
    this.#changeWaits = false;
    this.#sent += 1;
    this.#frame?.send({
      type: "start",
      build: this.#sent,
      document,
      modules: [...modules.values()],
      assets,
      visits,
      storage,
    });
    this.#setStatus("running");
  }

  #change(before: BuiltApp, app: BuiltApp): void {
    this.#shown = app;
    const modules = [...app.modules]
      .filter(([id, module]) => before.modules.get(id) !== module)
      .map(([, module]) => module);
    const removed = [...before.modules.keys()].filter((id) => !app.modules.has(id));
    const assets = sameAssets(before.assets, app.assets) ? null : app.assets;
    if (modules.length === 0 && removed.length === 0 && !assets) {
      this.#waitingSince = null;
      return;
    }
    this.#appProblem = null;
    this.#changeWaits = true;
    this.#sent += 1;
    this.#frame?.send({ type: "update", build: this.#sent, modules, removed, assets });
  }

  /** A fresh document at the present place of the app. */
  #open(): void {
    this.#close();
    this.#setStatus("loading");
    this.#frame = new Frame(this.host, FRAME_URL, {
      onReady: () => {
        this.#frameReady = true;
        if (this.#built) this.#start(this.#built);
      },
      onMessage: (message) => this.#hear(message),
      onSilence: (silent) => this.#silent(silent),
      onLost: () => this.#reloadForApp(),
      onFlood: () => this.#giveUp("The app sends more messages than the page can take."),
    });
  }

  #close(): void {
    this.#frame?.close();
    this.#frame = null;
    this.#frameReady = false;
    this.#shown = null;
    this.#silence = null;
  }

  #hear(message: FromFrame): void {
    const sources = this.#shown?.sources ?? new Map<string, string>();
    if (message.type === "painted") {
      this.#changeWaits = false;
      this.#measure();
      this.#photographs.painted();
      this.#tell();
      this.listener.onPainted();
    } else if (message.type === "console") {
      const { level, text } = message;
      const stack = level === "error" ? readStack(message.stack, sources) : undefined;
      const [line] = stack ?? readStack(message.stack, sources, 1);
      this.listener.onConsole({ level, text, ...(line && { at: line.at }), ...(stack && { stack }) });
    } else if (message.type === "error") {
      if (message.build < this.#sent) return;
      const stack = readStack(message.stack, sources);
      this.#fail({ kind: message.kind, message: message.message, ...(stack[0] ? { at: stack[0].at, stack } : {}) });
    } else if (message.type === "visits") {
      this.#visits = { entries: message.entries, index: message.index };
      const { index, entries } = message;
      this.listener.onRoute({ path: this.#route(), canGoBack: index > 0, canGoForward: index < entries.length - 1 });
      if (this.#shown && this.#files && pageFor(this.#files, this.#route()) !== this.#shown.page) this.reload();
    } else if (message.type === "storage") {
      this.#storage.change(message.area, message.changes);
    } else if (message.type === "picked") {
      const { component, text } = message;
      const [line] = readStack(message.stack, sources, 1);
      this.listener.onPicked({ component, text, ...(line ? { at: line.at } : {}) });
    } else if (message.type === "photographed") {
      this.#photographs.taken(message.count, message.picture);
    } else if (message.type === "pickingEnded") {
      this.listener.onPickingEnded();
    } else if (message.type === "reload") {
      this.#reloadForApp();
    }
  }

  /** Lets the browser's performance tools show how long the vendor waited. */
  #measure(): void {
    if (this.#waitingSince === null) return;
    performance.clearMeasures(PAINT);
    performance.measure(PAINT, { start: this.#waitingSince });
    this.#waitingSince = null;
  }

  /** What broke first is what is wrong: the errors that follow from it say less. */
  #fail(problem: Problem): void {
    const first = this.#appProblem?.kind;
    if (first === "import" || first === "render" || first === "unresponsive") return;
    this.#appProblem = problem;
    this.#tell();
  }

  #silent(silent: boolean): void {
    // A newer build waits behind what does not answer: it gets a frame of its own.
    if (silent && this.#changeWaits) {
      this.#open();
      return;
    }
    const message = "The app does not answer. It most likely runs in an endless loop.";
    this.#silence = silent ? { kind: "unresponsive", message } : null;
    this.#setStatus(silent ? "unresponsive" : "running");
    this.#tell();
  }

  #reloadForApp(): void {
    const now = performance.now();
    this.#reloads = [...this.#reloads.filter((time) => now - time < RELOADS_MS), now];
    if (this.#reloads.length > RELOADS) this.#giveUp("The app loads itself anew without end.");
    else this.reload();
  }

  #giveUp(message: string): void {
    this.stop();
    this.#appProblem = { kind: "unresponsive", message };
    this.#tell();
  }

  #route(): string {
    return this.#visits.entries[this.#visits.index] ?? "/";
  }

  #setStatus(status: PreviewStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    this.listener.onStatus(status);
  }

  #tell(): void {
    this.listener.onProblem(this.#buildProblem ?? this.#silence ?? this.#appProblem);
  }
}
