import type { FrameLocator } from "@playwright/test";
import { expect } from "./fixtures";
import type { ExpectedProblem, SampleApp, Step } from "./sampleApps";

/** What is around the app's frame. */
export interface Stage {
  app: FrameLocator;
  go(path: string): Promise<void>;
  back(): Promise<void>;
  reload(): Promise<void>;
  expectRoute(path: string): Promise<void>;
  expectConsole(text: string): Promise<void>;
  expectProblem(problem: ExpectedProblem | null): Promise<void>;
  edit(path: string, content: string | Buffer): Promise<void>;
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
