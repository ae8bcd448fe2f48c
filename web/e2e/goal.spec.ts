import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./fixtures";

const shot = (page: Page, name: string) =>
  page.screenshot({ path: `e2e/screenshots/${name}.png`, animations: "disabled", caret: "hide" });

async function send(page: Page, text: string): Promise<void> {
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill(text);
  await box.press("Enter");
  await expect(page.getByRole("article", { name: "You" }).last()).toContainText(text);
}

const answers = (page: Page) => page.getByRole("article", { name: "Assistant" });

async function finished(answer: Locator): Promise<void> {
  await expect(answer).toHaveAttribute("data-status", "complete", { timeout: 90_000 });
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
  await page.goto("/");
  await expect(page.getByRole("textbox", { name: "Message" })).toBeVisible();
  if ((await page.getByRole("treeitem").count()) > 0 || (await answers(page).count()) > 0) {
    // This stack was used before: a new app is as good as a new machine.
    await page.getByRole("button", { name: /Switch app/ }).click();
    await page.getByRole("button", { name: "New App" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Goal");
    await page.getByRole("button", { name: "Create", exact: true }).click();
  }
  await expect(page.getByRole("heading", { name: "What shall we build?" })).toBeVisible();
  await shot(page, "1-first-screen");

  await send(page, "Create a todo app with React");
  const first = answers(page).first();
  await expect.poll(async () => (await first.innerText()).length).toBeGreaterThan(40);
  const early = (await first.innerText()).length;
  await expect.poll(async () => (await first.innerText()).length).toBeGreaterThan(early);
  await expect(first).toHaveAttribute("data-status", "streaming");
  await shot(page, "2-streaming");
  await finished(first);
  const cards = first.locator("details[data-tool]");
  expect(await cards.count()).toBeGreaterThan(1);
  for (const card of await cards.all()) await expect(card).toHaveAttribute("data-status", "completed");

  const tree = page.getByRole("tree", { name: "Files" });
  const source = tree.getByRole("treeitem", { name: /^App\.[jt]sx/ });
  await source.click();
  await expect(page.locator(".monaco-editor .view-lines")).toBeVisible();
  await editorShows(page, "App");
  await shot(page, "3-built");

  const code = page.getByRole("textbox", { name: /^Code editor/ });
  await code.focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("// written by hand\n");
  await expect(page.getByRole("tab", { selected: true }).getByRole("img", { name: "unsaved changes" })).toBeVisible();
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("button", { name: "Saved" })).toBeVisible();

  await send(page, "Change the heading to My Tasks");
  const second = answers(page).nth(1);
  await finished(second);
  await expect(second.getByRole("region", { name: "Changed files" })).toBeVisible();
  await editorShows(page, "My Tasks", "End");
  await editorShows(page, "// written by hand");
  await shot(page, "4-changed");

  const said = await page.getByRole("article").allInnerTexts();
  const files = await tree.getByRole("treeitem").allInnerTexts();
  await page.reload();
  await expect(answers(page)).toHaveCount(2);
  await expect(page.getByRole("article")).toHaveCount(said.length);
  for (const prompt of ["Create a todo app with React", "Change the heading to My Tasks"]) {
    await expect(page.getByRole("article", { name: "You" }).filter({ hasText: prompt })).toBeVisible();
  }
  await expect(cards.first()).toHaveAttribute("data-status", "completed");
  await expect.poll(() => tree.getByRole("treeitem").allInnerTexts()).toEqual(files);
  await editorShows(page, "My Tasks", "End");
  await editorShows(page, "// written by hand");
  await shot(page, "5-reloaded");
});
