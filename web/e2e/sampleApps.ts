import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { FrameLocator } from "@playwright/test";
import { expect } from "./fixtures";

const APPS = join(import.meta.dirname, "apps");

export interface ExpectedProblem {
  kind: string;
  message?: string;
  packageName?: string;
  at?: { path: string; line: number; column?: number };
}

/** A thing to do in the app or to see of it, one after the other. */
export type Step =
  | { see: string }
  | { click: string }
  /** A click that the app does not come back from. */
  | { hang: string }
  | { fill: [label: string, text: string] }
  | { count: [selector: string, count: number] }
  | { style: [selector: string, property: string, value: string] }
  /** An image with this text, whose picture has been loaded. */
  | { picture: string }
  | { console: string }
  | { route: string }
  | { go: string }
  | { back: true }
  | { reload: true };

/** What must be seen of a sample app: steps, then a problem, then steps after an edit that mends it. */
export interface Expected {
  steps?: Step[];
  problem?: ExpectedProblem;
  edit?: { path: string; from: string; to: string };
  after?: Step[];
}

export interface SampleApp {
  name: string;
  files: Map<string, string>;
  expected: Expected;
}

export function readSampleApps(): SampleApp[] {
  return readdirSync(APPS).map((name) => {
    const folder = join(APPS, name);
    const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    const files = new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
    const expected = JSON.parse(files.get("expected.json") ?? "{}") as Expected;
    files.delete("expected.json");
    return { name, files, expected };
  });
}

/** What is around the app's frame. */
export interface Stage {
  app: FrameLocator;
  go(path: string): Promise<void>;
  back(): Promise<void>;
  reload(): Promise<void>;
  expectRoute(path: string): Promise<void>;
  expectConsole(text: string): Promise<void>;
  expectProblem(problem: ExpectedProblem | null): Promise<void>;
  edit(path: string, text: string): Promise<void>;
}

/** Does and sees all that a sample app expects. */
export async function play({ files, expected }: SampleApp, stage: Stage): Promise<void> {
  const { steps = [], problem, edit, after } = expected;
  const mended = edit && !after ? steps : after;
  if (mended !== steps) for (const step of steps) await take(step, stage);
  await stage.expectProblem(problem ?? null);
  if (!edit || !mended) return;
  const text = files.get(edit.path) ?? "";
  expect(text).toContain(edit.from);
  await stage.edit(edit.path, text.replace(edit.from, edit.to));
  for (const step of mended) await take(step, stage);
  await stage.expectProblem(null);
}

async function take(step: Step, stage: Stage): Promise<void> {
  const { app } = stage;
  if ("see" in step) await expect(app.getByText(step.see).first()).toBeVisible();
  else if ("click" in step) await app.getByText(step.click, { exact: true }).first().click();
  else if ("hang" in step) {
    const target = app.getByText(step.hang, { exact: true });
    await target.evaluate((element: HTMLElement) => void setTimeout(() => element.click()));
  } else if ("fill" in step) await app.getByLabel(step.fill[0]).fill(step.fill[1]);
  else if ("count" in step) await expect(app.locator(step.count[0])).toHaveCount(step.count[1]);
  else if ("style" in step) await expect(app.locator(step.style[0])).toHaveCSS(step.style[1], step.style[2]);
  else if ("picture" in step) {
    const width = () => app.getByAltText(step.picture).evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expect.poll(width).toBeGreaterThan(0);
  } else if ("console" in step) await stage.expectConsole(step.console);
  else if ("route" in step) await stage.expectRoute(step.route);
  else if ("go" in step) await stage.go(step.go);
  else if ("back" in step) await stage.back();
  else await stage.reload();
}
