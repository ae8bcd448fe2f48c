import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";

/** Rules of WCAG 2.1 A and AA; what Monaco draws inside itself is its own. */
async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"])
    .exclude(".monaco-editor")
    .analyze();
  return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} ${node.html}`));
}

async function newApp(page: Page, name: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: /Switch app/ }).click();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "New App" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByRole("heading", { name: "What shall we build?" })).toBeVisible();
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`every state of the page is accessible, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await newApp(page, `Accessible ${colorScheme}`);
    expect(await violations(page)).toEqual([]);

    await page.getByRole("button", { name: "Create a todo app with React" }).click();
    await page.keyboard.press("Enter");
    await expect(page.locator("details[data-tool]").first()).toBeVisible();
    expect(await violations(page)).toEqual([]);
    const answer = page.getByRole("article", { name: "Assistant" }).first();
    await expect(answer).toHaveAttribute("data-status", "complete", { timeout: 90_000 });
    await page.getByRole("button", { name: "Chat history" }).click();
    await expect(page.getByRole("dialog").getByRole("button").first()).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(page.locator(".monaco-editor .view-lines")).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

test("a phone shows one pane at a time, and a file can be edited there", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await newApp(page, "Phone");
  await page.getByRole("textbox", { name: "Message" }).fill("Create a todo app with React");
  await page.keyboard.press("Enter");
  const answer = page.getByRole("article", { name: "Assistant" }).first();
  await expect(answer).toHaveAttribute("data-status", "complete", { timeout: 90_000 });
  await expect(page.getByRole("tree", { name: "Files" })).toBeHidden();

  const panes = page.getByRole("navigation", { name: "Panes" });
  await panes.getByRole("button", { name: /^Files/ }).click();
  await expect(page.getByRole("textbox", { name: "Message" })).toBeHidden();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("treeitem", { name: /^App\.[jt]sx/ }).click();
  const code = page.getByRole("textbox", { name: /^Contents of/ });
  await code.fill("// from the phone\n");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("button", { name: "Saved" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBe(0);
});
