import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readSampleApps } from "../sampleApps";
import type { Engine } from "./engine";
import { appText, openApp, patience, playSample } from "./engineStage";
import { openFirefox } from "./firefox";
import { openWebKit } from "./webkit";

/** A check of every commit drives the goal flow and three of the twelve apps alone. */
const SHORT = process.env.SHORT === "true";
/** Of the twelve, one that paints, one that fails, and one that never comes back. */
const SHORT_APPS = ["charts", "error-at-render", "endless-loop"];

/** A test of the whole run alone. */
const inFull = SHORT ? () => {} : test;

for (const open of [openFirefox, openWebKit]) {
  describe(open === openFirefox ? "Firefox" : "WebKit", () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine?.close());
    afterEach(async ({ task }) => {
      // What a sample app complains about on purpose is its own affair.
      const complaints = await engine.complaints();
      if (!task.name.startsWith("the sample app")) expect(complaints).toEqual([]);
    });

    test("a newcomer has an app built, sees it run, uses it, and finds it all again", async () => {
      await engine.resize(1440, 900);
      await openApp(engine, new Map());
      await engine.type("textarea[aria-label=Message]", "Create a todo app with React\n");
      await expect.poll(() => answer(engine), patience).toMatchObject({ status: "complete" });
      await expect.poll(() => appText(engine), patience).toContain("Todo");

      await engine.click("[aria-label=Views] button:nth-of-type(2)");
      await expect.poll(() => engine.run(treeText), patience).toContain("App.tsx");
      await engine.run(() => {
        const items = [...document.querySelectorAll<HTMLElement>("[role=treeitem]")];
        items.find((item) => item.innerText.startsWith("App.tsx"))?.click();
      });
      await expect.poll(() => engine.run(editorText), patience).toContain("STORAGE_KEY");

      const said = await answer(engine);
      await engine.reload();
      await expect.poll(() => answer(engine), patience).toEqual(said);
      await engine.click("[aria-label=Views] button:nth-of-type(1)");
      await expect.poll(() => appText(engine), patience).toContain("Todo");
    });

    inFull("an answer outlives a reload, and Stop stops it", async () => {
      await openApp(engine, new Map());
      await engine.type("textarea[aria-label=Message]", "Create a todo app with React and take your time\n");
      await expect.poll(() => answer(engine), patience).toMatchObject({ status: "streaming", text: /React/ });
      await engine.reload();
      await expect.poll(() => answer(engine), patience).toMatchObject({ status: "streaming", text: /React/ });
      await engine.run(() => {
        for (const button of document.querySelectorAll("button"))
          if (button.textContent?.trim() === "Stop") button.click();
      });
      await expect.poll(() => answer(engine), patience).toMatchObject({ status: "cancelled" });
    });

    for (const sample of readSampleApps().filter(({ name }) => !SHORT || SHORT_APPS.includes(name))) {
      test(`the sample app "${sample.name}" shows what it must`, () => playSample(engine, sample));
    }

    inFull("a small screen shows one view at a time", async () => {
      // WebKit's window cannot be narrower than 447 pixels.
      await engine.resize(390, 844);
      await openApp(engine, new Map([["src/App.tsx", "export default () => <h1>Small</h1>;"]]));
      const shown = () =>
        engine.run(() =>
          ["Chat", "Preview", "Editor"].filter((name) =>
            document.querySelector(`section[aria-label="${name}"]`)?.checkVisibility({ visibilityProperty: true }),
          ),
        );
      await expect.poll(shown, patience).toEqual(["Chat"]);
      await engine.click("[aria-label=Views] button:nth-of-type(2)");
      await expect.poll(shown, patience).toEqual(["Preview"]);
      await expect.poll(() => appText(engine), patience).toBe("Small");
      await engine.click("[aria-label=Views] button:nth-of-type(3)");
      await expect.poll(shown, patience).toEqual(["Editor"]);
      expect(await engine.run(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      await engine.resize(1440, 900);
    });
  });
}

/** The latest answer: how it stands, and what it says. */
function answer(engine: Engine): Promise<{ status: string; text: string }> {
  return engine.run(() => {
    const last = [...document.querySelectorAll<HTMLElement>('article[aria-label="Assistant"]')].at(-1);
    const prose = [...(last?.querySelectorAll<HTMLElement>(".prose") ?? [])];
    return { status: last?.dataset.status ?? "", text: prose.map((text) => text.innerText).join("\n") };
  });
}

function treeText(): string {
  return document.querySelector<HTMLElement>("[role=tree]")?.innerText ?? "";
}

function editorText(): string {
  return document.querySelector<HTMLElement>(".monaco-editor .view-lines")?.innerText ?? "";
}
