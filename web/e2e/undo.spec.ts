import type { Page } from "@playwright/test";
import { answers, appIdOf, finished, openNewApp, send, TODO_APP, view } from "./chat";
import { expect, test } from "./fixtures";
import { readFile } from "./otherClient";

test.use({ expectedComplaint: /status of 4(04|09)/ });

/** What the server has as the app's entry; empty where it has none. */
const stored = async (page: Page) => (await readFile(appIdOf(page), "src/App.tsx")) ?? "";

test("Undo and Redo in the top bar go step by step through an app's changes, and keep their place", async ({
  page,
}) => {
  await openNewApp(page, "Steps");
  await send(page, TODO_APP);
  await finished(answers(page).first());
  await send(page, "Change the heading to My Tasks");
  await finished(answers(page).nth(1));
  await expect.poll(() => stored(page)).toContain("My Tasks");
  const bar = page.getByRole("banner");
  const undo = bar.getByRole("button", { name: "Undo the latest change" });
  const redo = bar.getByRole("button", { name: "Redo" });
  await view(page, "Code").click();
  await page.getByRole("treeitem", { name: /^App\.[jt]sx/ }).click();

  await undo.click();
  await expect.poll(() => stored(page)).toContain("Todos");
  await expect(redo).toBeEnabled();
  await expect(undo).toBeEnabled();
  await undo.click();
  await expect.poll(() => stored(page)).toBe("");
  await expect(undo).toBeDisabled();
  await redo.click();
  await expect.poll(() => stored(page)).toContain("Todos");
  await redo.click();
  await expect.poll(() => stored(page)).toContain("My Tasks");
  await expect(redo).toBeDisabled();
});

test("what an answer has changed can be undone, and the undo too, but not blindly", async ({ page }) => {
  await openNewApp(page, "Undo");
  await send(page, TODO_APP);
  await finished(answers(page).first());
  await send(page, "Change the heading to My Tasks");
  await finished(answers(page).nth(1));
  const changed = answers(page).nth(1).getByRole("group", { name: "Changed files" });
  await expect.poll(() => stored(page)).toContain("My Tasks");

  await changed.getByRole("button", { name: "Undo" }).click();
  await expect(changed.getByText("These changes are undone.")).toBeVisible();
  await expect.poll(() => stored(page)).not.toContain("My Tasks");
  await changed.getByRole("button", { name: "Redo" }).click();
  await expect(changed.getByRole("button", { name: "Undo" })).toBeVisible();
  await expect.poll(() => stored(page)).toContain("My Tasks");

  await page.reload();
  await expect(changed.getByRole("button", { name: "Undo" })).toBeVisible();
  await view(page, "Code").click();
  await page.getByRole("treeitem", { name: /^App\.[jt]sx/ }).click();
  await expect(page.locator(".monaco-editor .view-lines")).toBeVisible();
  await page.getByRole("textbox", { name: /^Code editor/ }).focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.insertText("// by hand\n");
  await expect(page.getByRole("tab", { selected: true }).getByRole("img", { name: "unsaved changes" })).toBeVisible();
  await page.keyboard.press("Control+s");
  await expect(page.getByRole("button", { name: "Saved" })).toBeVisible();
  await changed.getByRole("button", { name: "Undo" }).click();
  await expect(changed.getByText(/^src\/App\.[jt]sx was changed since/)).toBeVisible();
  expect(await stored(page)).toContain("// by hand");
  await changed.getByRole("button", { name: "Undo anyway" }).click();
  await expect.poll(() => stored(page)).not.toContain("// by hand");
});
