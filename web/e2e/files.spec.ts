import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { answers, appIdOf, finished, messageBox, openNewApp, send, TODO_APP, view } from "./chat";
import { expect, test } from "./fixtures";
import { readFile, saveFile } from "./otherClient";

const row = (page: Page, name: string | RegExp) => page.getByRole("treeitem", { name, exact: true });
const code = (page: Page) => page.getByRole("textbox", { name: /^Code editor/ });
const lines = (page: Page) => page.getByTestId("monaco").locator(".view-lines");

/** An app with files, and one of them in the editor. */
async function openFile(page: Page, app: string, files: Record<string, string>): Promise<void> {
  await openNewApp(page, app);
  for (const [path, content] of Object.entries(files)) await saveFile(appIdOf(page), path, content);
  await page.reload();
  await view(page, "Code").click();
  const [first = ""] = Object.keys(files);
  await row(page, first.slice(first.lastIndexOf("/") + 1)).click();
  await expect(code(page)).toBeAttached();
}

test("a file is seen while Claude writes it, and looked through afterwards", async ({ page }) => {
  await openNewApp(page, "Watched");
  await send(page, TODO_APP);
  await expect(page.getByText(/^Claude is writing src\//)).toBeVisible();
  await expect(page.getByRole("textbox", { name: /, while Claude writes it/ })).toBeAttached();
  await finished(answers(page).first());
  await view(page, "Code").click();
  await expect(page.getByText("Claude made this file.")).toBeVisible();
  await expect(page.getByRole("img", { name: "new in this turn" }).first()).toBeVisible();

  await row(page, /^App\.[jt]sx$/).click();
  await send(page, "Change the heading to My Tasks");
  await finished(answers(page).nth(1));
  await expect(page.getByText(/^\d+ changes? by Claude$/)).toBeVisible();
  await expect(page.locator(".change-mark").first()).toBeVisible();
  await expect(lines(page)).toContainText("My Tasks");
  await page.getByRole("button", { name: "Next change" }).click();
  await page.getByRole("region", { name: "Editor" }).getByRole("button", { name: "Undo", exact: true }).click();
  await expect(lines(page)).not.toContainText("My Tasks");
  await expect(page.getByText(/by Claude$/)).toBeHidden();
});

test("a rename keeps what can be undone, and the focus", async ({ page }) => {
  await openFile(page, "Renamed", { "a.txt": "first\n" });
  await code(page).focus();
  await page.keyboard.type("typed");
  await row(page, "a.txt").focus();
  await page.keyboard.press("F2");
  await page.getByRole("textbox", { name: "New name of a.txt" }).fill("b.txt");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "b.txt" })).toBeVisible();
  await expect(row(page, "b.txt")).toBeFocused();

  await code(page).focus();
  await page.keyboard.press("Control+Z");
  await expect(lines(page)).toHaveText(/^first/);
  await expect(page.getByRole("button", { name: "Saved", exact: true })).toBeVisible();
});

test("Ctrl+S saves from anywhere, and mixed line ends stay as they were", async ({ page }) => {
  await openFile(page, "Saved", { "mixed.txt": "one\r\ntwo\nthree\r\n" });
  await expect(page.getByRole("button", { name: "Saved", exact: true })).toBeVisible();
  await code(page).focus();
  await page.keyboard.type("ONE ");
  await expect(page.getByRole("button", { name: "Save", exact: true })).toBeVisible();

  await messageBox(page).focus();
  await page.keyboard.press("Control+S");

  await expect.poll(() => readFile(appIdOf(page), "mixed.txt")).toBe("ONE one\r\ntwo\nthree\r\n");
});

test("a new file has the cursor", async ({ page }) => {
  await openNewApp(page, "New file");
  await view(page, "Code").click();
  await page.getByRole("button", { name: "New file", exact: true }).click();
  await page.getByRole("textbox", { name: "Path" }).fill("notes.md");
  await page.keyboard.press("Enter");
  await expect(code(page)).toBeFocused();
  await page.keyboard.type("# Notes");
  await expect(lines(page)).toHaveText("# Notes");
});

test("a selection goes to the chat as a chip", async ({ page }) => {
  await openFile(page, "Asked about", { "a.txt": "first\nsecond\n" });
  await lines(page).locator(".view-line").nth(1).click({ clickCount: 3 });
  await page.getByRole("button", { name: "Ask Claude" }).click();

  await expect(page.getByRole("region", { name: "Chat" }).getByText("a.txt:2")).toBeVisible();
  await expect(messageBox(page)).toBeFocused();
});

test("a text is found in all files, and opened at its line", async ({ page }) => {
  await openFile(page, "Searched", { "a.txt": "one\n", "src/b.txt": "x\ny\nfind me here\n" });
  await page.keyboard.press("Control+Shift+F");
  const box = page.getByRole("searchbox", { name: "Search in files" });
  await box.fill("FIND ME");
  await expect(page.getByText("1 result in 1 file")).toBeVisible();
  await page.getByRole("button", { name: /find me here/ }).click();
  await expect(page.getByRole("tab", { name: "b.txt", selected: true })).toBeVisible();
  await expect(code(page)).toBeFocused();
  await page.keyboard.press("Home");
  await page.keyboard.type("!");
  await expect(lines(page)).toContainText("!find me here");

  await page.getByRole("button", { name: "Regular expression" }).click();
  // It never comes to an end; the page does not wait for it.
  await saveFile(appIdOf(page), "c.txt", `${"a".repeat(60)}!\n`);
  await expect(box).toBeVisible();
  await box.fill("(a+)+$");
  await expect(page.getByText(/takes too long/)).toBeVisible();
  await box.fill("f.nd");
  await expect(page.getByText("1 result in 1 file")).toBeVisible();
});

test("a file moves into a folder by being dropped on it, and back out of it", async ({ page }) => {
  await openFile(page, "Dropped", { "a.txt": "one\n", "lib/b.txt": "two\n" });
  await row(page, "a.txt").dragTo(row(page, "lib"));
  await expect(page.getByRole("treeitem", { level: 2 })).toHaveCount(2);
  await expect(row(page, "a.txt")).toHaveAttribute("data-path", "lib/a.txt");

  await row(page, "a.txt").dragTo(page.getByRole("tree", { name: "Files" }), { targetPosition: { x: 40, y: 300 } });
  await expect(row(page, "a.txt")).toHaveAttribute("data-path", "a.txt");
});

test("a version is looked at, restored, and the restoring undone", async ({ page }) => {
  await openFile(page, "Versions", { "a.txt": "one\ntwo\nthree\n" });
  await saveFile(appIdOf(page), "a.txt", "one\n2\nthree\n");
  await view(page, "Changes").click();
  const changed = page.getByRole("region", { name: "Changed lines of a.txt" });
  await expect(changed).toContainText("- two");
  await expect(changed).toContainText("+ 2");

  await page
    .getByRole("button", { name: /just now|ago/ })
    .last()
    .click();
  await page.getByRole("button", { name: "Restore this version" }).click();
  const dialog = page.getByRole("dialog", { name: "Restore this version?" });
  await expect(dialog).toContainText("One file is brought back");
  await dialog.getByRole("button", { name: "Restore" }).click();
  await expect.poll(() => readFile(appIdOf(page), "a.txt")).toBe("one\ntwo\nthree\n");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect.poll(() => readFile(appIdOf(page), "a.txt")).toBe("one\n2\nthree\n");
});

test("a second window shows what is saved in the first by itself", async ({ page, context }) => {
  await openFile(page, "Two windows", { "a.txt": "one\n" });
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(lines(other)).toHaveText(/^one/);

  await code(page).focus();
  await page.keyboard.type("and more than ");
  await page.keyboard.press("Control+S");

  await expect(lines(other)).toHaveText(/^and\smore\sthan\sone/);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`files, editor, search and versions are accessible, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openFile(page, `Reachable ${colorScheme}`, { "src/a.ts": "const one: string = 1;\n", "b.txt": "two\n" });
    await expect(page.getByRole("button", { name: "1 problem in this file" })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Actions for a.ts" }).click();
    await expect(page.getByRole("menu")).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(row(page, "a.ts")).toBeFocused();
    await page.keyboard.press("F2");
    await expectAccessible(page);
    await page.keyboard.press("Escape");

    await send(page, TODO_APP);
    await expect(page.getByText(/^Claude is writing src\//)).toBeVisible();
    await expectAccessible(page);
    await finished(answers(page).first());
    await view(page, "Code").click();
    await expect(page.getByText("Claude made this file.")).toBeVisible();
    await expectAccessible(page);

    await page.keyboard.press("Control+Shift+F");
    await page.getByRole("searchbox", { name: "Search in files" }).fill("const");
    await expect(page.getByText(/results? in/)).toBeVisible();
    await expectAccessible(page);
    await view(page, "Changes").click();
    await expect(page.getByRole("region", { name: /^Changed lines of/ }).first()).toBeVisible();
    await expectAccessible(page);
    await page
      .getByRole("button", { name: /just now|ago/ })
      .last()
      .click();
    await page.getByRole("button", { name: "Restore this version" }).click();
    await expect(page.getByText(/brought back/)).toBeVisible();
    await expectAccessible(page);
  });
}
