import type { Page } from "@playwright/test";
import { answers, finished, openNewApp, runningApp, send, TODO_APP, view } from "./chat";
import { expect, test } from "./fixtures";

const CHANGE = "Change the heading to My Tasks";

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
 * Waits until the editor draws this text with its cursor at the beginning of the file: lines out of sight are not
 * drawn, and those that came into sight are drawn with the next frame.
 */
async function editorShows(page: Page, text: string): Promise<void> {
  await expect
    .poll(async () => {
      await page.getByRole("textbox", { name: /^Code editor/ }).focus();
      await page.keyboard.press("Control+Home");
      return (await page.locator(".monaco-editor .view-lines").innerText()).replaceAll("\u00a0", " ");
    })
    .toContain(text);
}

test("a newcomer has an app built, sees it run, edits it, asks for a change and finds it all again", async ({
  page,
}) => {
  await openNewApp(page, "Todo list");

  const lengths = await watchStreaming(page);
  await send(page, TODO_APP);
  const first = answers(page).first();
  await expect(first.locator(".prose").first()).toContainText("todo app");
  await finished(first);
  expect((await lengths()).length).toBeGreaterThan(3);
  await expect(first.locator("[data-tools]").first()).toHaveAttribute("data-status", "settled");

  const app = runningApp(page);
  await expect(app.getByRole("heading", { name: "Todos" })).toBeVisible();
  await app.getByRole("textbox").fill("Buy milk");
  await app.getByRole("button", { name: "Add" }).click();
  await expect(app.getByText("Buy milk")).toBeVisible();

  await view(page, "Code").click();
  const tree = page.getByRole("tree", { name: "Files" });
  await tree.getByRole("treeitem", { name: /^App\.[jt]sx/ }).click();
  await expect(page.locator(".monaco-editor .view-lines")).toBeVisible();
  await editorShows(page, "App");
  await page.keyboard.insertText("// written by hand\n"); // as a paste: no suggestion can catch its Enter
  await expect(page.getByRole("tab", { selected: true }).getByRole("img", { name: "unsaved changes" })).toBeVisible();
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("button", { name: "Saved" })).toBeVisible();
  await editorShows(page, "// written by hand");

  await send(page, CHANGE);
  const second = answers(page).nth(1);
  await finished(second);
  await expect(second.getByRole("group", { name: "Changed files" })).toBeVisible();
  // What Claude has changed is in sight by itself.
  await expect(page.locator(".monaco-editor .view-lines")).toContainText(/My.Tasks/);
  await editorShows(page, "// written by hand");
  await view(page, "Preview").click();
  await expect(app.getByRole("heading", { name: "My Tasks" })).toBeVisible();
  await expect(app.getByText("Buy milk")).toBeVisible();

  await view(page, "Code").click();
  const files = await tree.getByRole("treeitem").allInnerTexts();
  const said = await page.getByRole("article").allInnerTexts();
  await page.reload();
  await expect(answers(page)).toHaveCount(2);
  await expect.poll(() => page.getByRole("article").allInnerTexts()).toEqual(said);
  await expect.poll(() => tree.getByRole("treeitem").count()).toEqual(files.length);
  await editorShows(page, "// written by hand");
  await view(page, "Preview").click();
  await expect(app.getByRole("heading", { name: "My Tasks" })).toBeVisible();
  await expect(app.getByText("Buy milk")).toBeVisible();
});
