import type { AppModule, ToFrame } from "../../src/preview/engine/protocol";
import { Assets } from "./assets";
import { forwardConsole } from "./console";
import { announceLoaded, runClassic, showDocument } from "./document";
import { Errors } from "./errors";
import { Linker } from "./linker";
import { followLinks, standInForLocation } from "./location";
import { bring, loadPackages } from "./packages";
import { connect, type PageLink } from "./page";
import { Picker } from "./picker";
import { isBoundary, refreshComponents, registerModule } from "./refresh";
import { shimStorage } from "./storage";
import { AppHistory } from "./visits";

type Start = Extract<ToFrame, { type: "start" }>;
type Update = Extract<ToFrame, { type: "update" }>;

interface App {
  page: PageLink;
  errors: Errors;
  visits: AppHistory;
  picker: Picker;
  /** What is asked for one after the other: an update waits for the start. */
  work: Promise<void>;
}

const linker = new Linker(registerModule);
const assets = new Assets();
let app: App | null = null;
let started = false;

connect(begin, (message) => {
  if (!app) return;
  const { page, visits, picker } = app;
  if (message.type === "ping") page.send({ type: "pong", count: message.count });
  else if (message.type === "go") visits.go(message.path);
  else if (message.type === "travel") visits.travel(message.by);
  else if (message.type === "pick") picker.pick(message.on);
  else if (message.type === "photograph") void photograph(message.count, page);
  else if (message.type === "update") app.work = app.work.then(() => update(message, page));
});

function begin(start: Start, page: PageLink): void {
  shimStorage(page, start.storage);
  holdDialogs(page);
  // Code that was written for bundlers asks for this.
  Object.assign(window, { process: { env: { NODE_ENV: "development" } } });
  const errors = new Errors(page);
  errors.build = start.build;
  const visits = new AppHistory(page, start.visits, () => page.send({ type: "reload" }));
  standInForLocation(visits);
  followLinks(visits);
  forwardConsole(page);
  app = { page, errors, visits, picker: new Picker(page), work: run(start, page, errors) };
}

async function run(start: Start, page: PageLink, errors: Errors): Promise<void> {
  assets.put(start.assets);
  for (const module of start.modules) linker.put(module);
  try {
    await Promise.all([packagesOf(start.modules), start.document.tailwind ? bring("tailwindcss") : null]);
    showDocument(start.document.html);
    for (const script of start.document.scripts) {
      if (script.kind === "classic") runClassic(script);
      else await linker.run(script.id);
    }
    announceLoaded();
    started = true;
    await painted(page);
  } catch (error) {
    errors.report("import", error);
  }
}

async function update(change: Update, page: PageLink): Promise<void> {
  if (app) app.errors.build = change.build;
  if (change.assets && !assets.put(change.assets)) {
    page.send({ type: "reload" });
    return;
  }
  const changed = change.modules.filter((module) => linker.put(module)).map(({ id }) => id);
  for (const id of change.removed) linker.remove(id);
  const again = affected([...changed, ...linker.failed()]);
  if (!started || !again) {
    page.send({ type: "reload" });
    return;
  }
  const held = [...again].filter((id) => linker.importersOf(id).some((importer) => !again.has(importer)));
  try {
    const packages = packagesOf(change.modules);
    if (packages) await packages;
    await linker.rerun(again);
    // What is no component any more is not exchanged by React where it is held.
    if (!held.every((id) => isBoundary(linker.exportsOf(id)))) {
      page.send({ type: "reload" });
      return;
    }
    refreshComponents();
    await painted(page);
  } catch (error) {
    app?.errors.report("import", error);
  }
}

/** These modules and all that must run again because of them; null where that is the whole app. */
function affected(ids: readonly string[]): Set<string> | null {
  const all = new Set<string>();
  const waiting = [...ids];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (all.has(id)) continue;
    all.add(id);
    if (isBoundary(linker.exportsOf(id))) continue;
    const importers = linker.importersOf(id);
    if (importers.length === 0) return null;
    waiting.push(...importers);
  }
  return all;
}

/** What photographs is brought only when somebody wants a picture. */
async function photograph(count: number, page: PageLink): Promise<void> {
  const picture = await import("./photograph").then((camera) => camera.photograph()).catch(() => null);
  page.send({ type: "photographed", count, picture });
}

function packagesOf(modules: readonly AppModule[]): Promise<void> | null {
  const targets = modules.flatMap(({ dependencies }) => dependencies.map(({ target }) => target));
  return targets.some(({ kind }) => kind === "package") ? loadPackages(targets) : null;
}

/** Tells the page once what was done is on the screen. A hidden frame has no frames: a timer stands in. */
async function painted(page: PageLink): Promise<void> {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const timer = (delay: number) => new Promise((resolve) => setTimeout(resolve, delay));
  await Promise.race([frame().then(() => timer(0)), timer(100)]);
  page.send({ type: "painted" });
}

/** A dialog of the browser holds the app still: that is not an endless loop. */
function holdDialogs(page: PageLink): void {
  for (const name of ["alert", "confirm", "prompt"] as const) {
    const ask = window[name].bind(window) as (...values: unknown[]) => unknown;
    const held = (...values: unknown[]) => {
      page.send({ type: "modal", open: true });
      try {
        return ask(...values);
      } finally {
        page.send({ type: "modal", open: false });
      }
    };
    Object.assign(window, { [name]: held });
  }
}
