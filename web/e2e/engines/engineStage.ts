import { expect } from "vitest";
import { createApp, STACK, saveFile } from "../otherClient";
import type { Expected, ExpectedProblem, SampleApp, Step } from "../sampleApps";
import type { Engine } from "./engine";

export const FRAME = 'section[aria-label="Preview"] iframe';
export const patience = { timeout: 45_000, interval: 100 };

const TITLES: Record<string, RegExp> = {
  missing: /is not available here/,
  import: /could not start/,
  render: /could not be shown/,
  event: /An action in the app failed/,
  promise: /Something failed in the background/,
  // Where the loop shares the page's process, it is broken and told of with its line instead.
  unresponsive: /does not answer|An action in the app failed|Something failed/,
};

/** Makes an app of these files and opens it in the page. */
export async function openApp(engine: Engine, files: ReadonlyMap<string, string>): Promise<string> {
  const appId = await createApp("Another engine", files);
  await engine.open(`${STACK}/?app=${appId}`);
  await expect.poll(() => engine.run(() => document.querySelector("textarea") !== null), patience).toBe(true);
  return appId;
}

/** What the running app shows; empty while there is none. */
export async function appText(engine: Engine): Promise<string> {
  const there = await engine.run((frame) => document.querySelector(frame) !== null, FRAME);
  return there ? engine.runInFrame(FRAME, () => document.body.innerText.trim()) : "";
}

/** Does and sees what a sample app expects, as far as another engine can be asked for it. */
export async function playSample(engine: Engine, { files, expected }: SampleApp): Promise<void> {
  const { steps = [], problem, edit, after }: Expected = expected;
  const appId = await openApp(engine, files);
  const mended = edit && !after ? steps : after;
  if (mended !== steps) for (const step of steps) await take(engine, step);
  if (problem) await expectProblem(engine, problem);
  if (!edit || !mended) return;
  await saveFile(appId, edit.path, files.get(edit.path)?.replace(edit.from, edit.to) ?? "");
  await engine.run(() => void window.dispatchEvent(new Event("focus")));
  // Until then it is the old code that a click would reach.
  if (problem) await expect.poll(() => problemTitle(engine), patience).toBe("");
  for (const step of mended) await take(engine, step);
}

function problemTitle(engine: Engine): Promise<string> {
  return engine.run(() => document.querySelector<HTMLElement>('section[aria-label="Preview"] h2')?.innerText ?? "");
}

async function expectProblem(engine: Engine, { kind, message, packageName }: ExpectedProblem): Promise<void> {
  const told = () => problemTitle(engine);
  await expect.poll(told, patience).toMatch(TITLES[kind] ?? kind);
  if (packageName) expect(await told()).toContain(packageName);
  // Each engine has its own words for what JavaScript itself complains of.
  else if (message && kind === "promise") {
    const pane = () =>
      engine.run(() => document.querySelector<HTMLElement>('section[aria-label="Preview"]')?.innerText);
    await expect.poll(pane, patience).toContain(message);
  }
}

async function take(engine: Engine, step: Step): Promise<void> {
  if ("see" in step) await expect.poll(() => appText(engine), patience).toContain(step.see);
  else if ("click" in step || "hang" in step) await clickInApp(engine, "click" in step ? step.click : step.hang);
  else if ("fill" in step) await engine.runInFrame(FRAME, fill, step.fill[0], step.fill[1]);
  else if ("count" in step)
    await expect.poll(() => engine.runInFrame(FRAME, count, step.count[0]), patience).toBe(step.count[1]);
  else if ("picture" in step)
    await expect.poll(() => engine.runInFrame(FRAME, pictureWidth, step.picture), patience).toBeGreaterThan(0);
  else if ("route" in step) await expect.poll(() => engine.run(address), patience).toBe(step.route);
  else if ("reload" in step) await engine.click('section[aria-label="Preview"] button[aria-label="Reload the app"]');
  else if ("back" in step) await engine.click('section[aria-label="Preview"] button[aria-label="Back"]');
  else if ("go" in step) {
    await engine.run(() =>
      document.querySelector<HTMLInputElement>('input[aria-label="Address in the app"]')?.select(),
    );
    await engine.type('input[aria-label="Address in the app"]', `${step.go}\n`);
  }
}

async function clickInApp(engine: Engine, text: string): Promise<void> {
  // The click itself comes later: one that never ends must not hold whoever has asked for it.
  const clicked = () =>
    engine.runInFrame(
      FRAME,
      (text) => {
        const all = [...document.querySelectorAll<HTMLElement>("button, a, label, input[type=submit]")];
        const found = all.find((element) => element.innerText.trim() === text);
        if (found) setTimeout(() => found.click());
        return found !== undefined;
      },
      text,
    );
  await expect.poll(clicked, patience).toBe(true);
}

function fill(label: string, text: string): void {
  const named = [...document.querySelectorAll("label")].find((each) => each.innerText.trim().startsWith(label));
  const input = (named?.control ?? null) as HTMLInputElement | null;
  if (!input) throw new Error(`nothing is labelled ${label}`);
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, text);
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function count(selector: string): number {
  return document.querySelectorAll(selector).length;
}

function pictureWidth(alt: string): number {
  return document.querySelector<HTMLImageElement>(`img[alt="${alt}"]`)?.naturalWidth ?? 0;
}

function address(): string {
  return document.querySelector<HTMLInputElement>('input[aria-label="Address in the app"]')?.value ?? "";
}
