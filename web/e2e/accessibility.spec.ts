import { expectAccessible } from "./accessible";
import { attachedFiles, dropFiles, sentFiles } from "./attach";
import { answers, finished, messageBox, openNewApp, runningApp, send, TODO_APP, view } from "./chat";
import { expect, test } from "./fixtures";

for (const colorScheme of ["light", "dark"] as const) {
  test(`every state of the page is accessible, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openNewApp(page, `Accessible ${colorScheme}`, () => expectAccessible(page));
    await expectAccessible(page);

    await page.getByRole("button", { name: new RegExp(`^${TODO_APP}`) }).click();
    await expect(messageBox(page)).toHaveValue(TODO_APP);
    await dropFiles(
      page,
      { name: "logo.png", kind: "logo", width: 400, height: 300 },
      { name: "ideas.md", type: "", text: "# Ideas\n" },
      { name: "fake.pdf", type: "application/pdf", text: "no PDF" },
    );
    await expect(page.getByText("fake.pdf is not a PDF")).toBeVisible();
    await expect(attachedFiles(page).getByRole("listitem")).toHaveCount(2);
    await expect(page.getByRole("progressbar")).toHaveCount(0);
    await expectAccessible(page);
    await send(page, TODO_APP);
    const answer = answers(page).first();
    await expect(answer.locator(".prose").first()).toContainText("React and TypeScript");
    await expectAccessible(page);
    await finished(answer);
    await sentFiles(page).getByRole("button", { name: "logo.png" }).click();
    await expect(page.getByRole("dialog", { name: "logo.png" })).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Chat history" }).click();
    await expect(page.getByRole("dialog").getByRole("button").first()).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(runningApp(page).getByRole("heading", { name: "Todos" })).toBeVisible();
    await page.getByRole("button", { name: /^Console/ }).click();
    await expectAccessible(page);
    await view(page, "Code").click();
    await page.getByRole("treeitem", { name: /^App\.[jt]sx/ }).click();
    await expect(page.locator(".monaco-editor .view-lines")).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Search in files" }).click();
    await page
      .getByRole("searchbox", { name: /Search/ })
      .or(page.getByRole("textbox", { name: /Search/ }))
      .fill("todo");
    await expectAccessible(page);
    await view(page, "Changes").click();
    await expect(page.getByRole("region", { name: "Changes" })).toContainText("App.tsx");
    await expectAccessible(page);
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("dialog")).toBeVisible();
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

test("a phone shows one view at a time, and a file can be edited there @phone", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openNewApp(page, "Phone");
  await messageBox(page).fill(TODO_APP);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await finished(answers(page).first());
  await expectAccessible(page);

  await view(page, "Preview").click();
  await expect(messageBox(page)).toBeHidden();
  await expect(runningApp(page).getByRole("heading", { name: "Todos" })).toBeVisible();
  await expectAccessible(page);
  await view(page, "Code").click();
  await page.getByRole("button", { name: "Show files" }).click();
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
