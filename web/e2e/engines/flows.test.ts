import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "./engine";
import { openFirefox } from "./firefox";
import { openWebKit } from "./webkit";

const BASE_URL = process.env.BASE_URL ?? "http://localhost:3000";
/** A check of every commit drives the goal flow and three of the twelve apps alone. */
const SHORT = process.env.SHORT === "true";
const FRAME = 'section[aria-label="Preview"] iframe';
const patience = { timeout: 60_000, interval: 100 };

for (const open of [openFirefox, openWebKit]) {
  describe(open === openFirefox ? "Firefox" : "WebKit", () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine?.close());
    afterEach(async () => expect(await engine.complaints()).toEqual([]));

    test("a newcomer has an app built, sees it run, uses it, and finds it all again", async () => {
      await engine.resize(1440, 900);
      await newApp(engine, {});
      await engine.type("textarea[aria-label=Message]", "Create a todo app with React\n");
      await expect.poll(() => answer(engine), patience).toMatchObject({ status: "complete" });
      await expect.poll(() => appText(engine), patience).toContain("Todo");

      await engine.click("[aria-label=Views] button:nth-of-type(2)");
      await expect.poll(() => engine.run(treeItems), patience).toContain("App.tsx");
      await expect.poll(() => engine.run(editorText), patience).toContain("import");

      const said = await answer(engine);
      await engine.reload();
      await expect.poll(() => answer(engine), patience).toEqual(said);
      await engine.click("[aria-label=Views] button:nth-of-type(1)");
      await expect.poll(() => appText(engine), patience).toContain("Todo");
    });

    test.skipIf(SHORT)("an answer outlives a reload, and Stop stops it", async () => {
      await newApp(engine, {});
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

    test.skipIf(SHORT)("a small screen shows one view at a time", async () => {
      // WebKit's window cannot be narrower than 447 pixels.
      await engine.resize(390, 844);
      await newApp(engine, { "src/App.tsx": "export default () => <h1>Small</h1>;" });
      const shown = () =>
        engine.run(() =>
          ["Chat", "Preview", "Editor"].filter((name) =>
            document.querySelector(`section[aria-label="${name}"]`)?.checkVisibility(),
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

/** Makes an app with these files and opens it in the page. */
async function newApp(engine: Engine, files: Record<string, string>): Promise<void> {
  if (!(await engine.run(() => location.href)).startsWith(BASE_URL)) await engine.open(BASE_URL);
  const made = `__made_${Math.random().toString(36).slice(2)}`;
  await engine.run(
    (files: Record<string, string>, made: string) => {
      const send = async (path: string, method: string, body: unknown) =>
        (
          await fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })
        ).json() as Promise<{ app: { appId: string } }>;
      const make = async () => {
        const { app } = await send("/api/vendor/apps", "POST", { name: "Another engine" });
        for (const [path, content] of Object.entries(files)) {
          await send(`/api/vendor/apps/${app.appId}/file`, "PUT", { path, content, baseVersion: 0 });
        }
        (window as unknown as Record<string, string>)[made] = app.appId;
      };
      void make();
    },
    files,
    made,
  );
  const appId = await expect
    .poll(() => engine.run((made: string) => (window as unknown as Record<string, string>)[made] ?? "", made), patience)
    .not.toBe("")
    .then(() => engine.run((made: string) => (window as unknown as Record<string, string>)[made] ?? "", made));
  await engine.open(`${BASE_URL}/?app=${appId}`);
  await expect.poll(() => engine.run(() => document.querySelector("textarea") !== null), patience).toBe(true);
}

/** The latest answer: how it stands, and what it says. */
function answer(engine: Engine): Promise<{ status: string; text: string }> {
  return engine.run(() => {
    const last = [...document.querySelectorAll<HTMLElement>('article[aria-label="Assistant"]')].at(-1);
    const prose = [...(last?.querySelectorAll<HTMLElement>(".prose") ?? [])];
    return { status: last?.dataset.status ?? "", text: prose.map((text) => text.innerText).join("\n") };
  });
}

/** What the running app shows; empty while there is none. */
async function appText(engine: Engine): Promise<string> {
  const there = await engine.run((frame: string) => document.querySelector(frame) !== null, FRAME);
  return there ? engine.runInFrame(FRAME, () => document.body.innerText.trim()) : "";
}

function treeItems(): string[] {
  return [...document.querySelectorAll<HTMLElement>("[role=treeitem]")].map((item) => item.innerText.trim());
}

function editorText(): string {
  return document.querySelector<HTMLElement>(".monaco-editor .view-lines")?.innerText ?? "";
}
