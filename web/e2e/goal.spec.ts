import type { Page } from "@playwright/test";
import { answers, finished, openNewApp, send, TODO_APP } from "./chat";
import { expect, test } from "./fixtures";

const CHANGE = "Change the heading to My Tasks";

const shot = (page: Page, name: string) =>
  page.screenshot({ path: `e2e/screenshots/${name}.png`, animations: "disabled", caret: "hide" });

/**
 * Notes in the page how long the text of a streaming answer was at each change of it; the function that it
 * gives reads the notes. They can be read when the answer is long finished, so no machine is too slow for it.
 */
async function watchStreaming(page: Page): Promise<() => Promise<number[]>> {
  const notes = await page.evaluateHandle(() => {
    const lengths = new Set<number>();
    const note = () => {
      const answer = document.querySelector('article[data-status="streaming"]');
      if (answer?.textContent) lengths.add(answer.textContent.length);
    };
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
    return lengths;
  });
  return () => notes.evaluate((lengths) => [...lengths]);
}

/**
 * Waits until the editor draws this text with its cursor at one end of the file: lines out of sight are not
 * drawn, and those that came into sight are drawn with the next frame.
 */
async function editorShows(page: Page, text: string, end: "Home" | "End" = "Home"): Promise<void> {
  await expect
    .poll(async () => {
      await page.getByRole("textbox", { name: /^Code editor/ }).focus();
      await page.keyboard.press(`Control+${end}`);
      return (await page.locator(".monaco-editor .view-lines").innerText()).replaceAll("\u00a0", " ");
    })
    .toContain(text);
}

test("a newcomer has an app built, edits it, asks for a change and finds it all again", async ({ page }) => {
  await openNewApp(page, "Todo list");
  await shot(page, "1-first-screen");

  const lengths = await watchStreaming(page);
  await send(page, TODO_APP);
  const first = answers(page).first();
  await expect(first.locator(".prose").first()).toContainText("todo app");
  await shot(page, "2-streaming");
  await finished(first);
  expect((await lengths()).length).toBeGreaterThan(3);
  const batches = first.locator("[data-tools]");
  expect(await batches.count()).toBeGreaterThan(0);
  for (const batch of await batches.all()) await expect(batch).toHaveAttribute("data-status", "settled");

  const tree = page.getByRole("tree", { name: "Files" });
  const source = tree.getByRole("treeitem", { name: /^App\.[jt]sx/ });
  await source.click();
  await expect(page.locator(".monaco-editor .view-lines")).toBeVisible();
  await editorShows(page, "App");
  await shot(page, "3-built");

  await page.keyboard.insertText("// written by hand\n"); // as a paste: no suggestion can catch its Enter
  await expect(page.getByRole("tab", { selected: true }).getByRole("img", { name: "unsaved changes" })).toBeVisible();
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("button", { name: "Saved" })).toBeVisible();
  await editorShows(page, "// written by hand");

  await send(page, CHANGE);
  const second = answers(page).nth(1);
  await finished(second);
  await expect(second.getByRole("group", { name: "Changed files" })).toBeVisible();
  await editorShows(page, "My Tasks", "End");
  await editorShows(page, "// written by hand");
  await shot(page, "4-changed");

  const files = await tree.getByRole("treeitem").allInnerTexts();
  await page.reload();
  await expect(answers(page)).toHaveCount(2);
  await expect(page.getByRole("article")).toHaveCount(4);
  for (const prompt of [TODO_APP, CHANGE]) {
    await expect(page.getByRole("article", { name: "You" }).filter({ hasText: prompt })).toBeVisible();
  }
  await expect(batches.first()).toHaveAttribute("data-status", "settled");
  await expect.poll(() => tree.getByRole("treeitem").allInnerTexts()).toEqual(files);
  await editorShows(page, "My Tasks", "End");
  await editorShows(page, "// written by hand");
  await shot(page, "5-reloaded");
});
