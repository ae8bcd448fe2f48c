import { expectAccessible } from "./accessible";
import { answers, finished, messageBox, openNewApp, send, TODO_APP } from "./chat";
import { expect, test } from "./fixtures";

for (const colorScheme of ["light", "dark"] as const) {
  test(`every state of the page is accessible, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openNewApp(page, `Accessible ${colorScheme}`, () => expectAccessible(page));
    await expectAccessible(page);

    await page.getByRole("button", { name: TODO_APP }).click();
    await expect(messageBox(page)).toHaveValue(TODO_APP);
    await send(page, TODO_APP);
    const answer = answers(page).first();
    await expect(answer.locator(".prose").first()).toContainText("React and TypeScript");
    await expectAccessible(page);
    await finished(answer);
    await page.getByRole("button", { name: "Chat history" }).click();
    await expect(page.getByRole("dialog").getByRole("button").first()).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(page.locator(".monaco-editor .view-lines")).toBeVisible();
    await expectAccessible(page);
  });
}

test("on a very small screen everything can still be scrolled to", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 400 });
  await openNewApp(page, "Small");
  const heading = page.getByRole("heading", { name: "What shall we build?" });
  await heading.scrollIntoViewIfNeeded();
  await expect(heading).toBeInViewport({ ratio: 1 });
});

test("a phone shows one pane at a time, and a file can be edited there", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.setViewportSize({ width: 390, height: 844 });
  await openNewApp(page, "Phone");
  await send(page, TODO_APP);
  await finished(answers(page).first());
  await expect(page.getByRole("tree", { name: "Files" })).toBeHidden();

  const panes = page.getByRole("navigation", { name: "Panes" });
  await panes.getByRole("button", { name: /^Files/ }).click();
  await expect(messageBox(page)).toBeHidden();
  await expectAccessible(page);
  await page.getByRole("treeitem", { name: /^App\.[jt]sx/ }).click();
  const code = page.getByRole("textbox", { name: /^Contents of/ });
  await expect(code).toHaveValue(/App/);
  await code.fill("// from the phone\n");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("button", { name: "Saved" })).toBeVisible();
  await expectAccessible(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBe(0);
});
