import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";

async function begin(page: Page, name: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: /Switch app/ }).click();
  await page.getByRole("button", { name: "New App" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByRole("heading", { name: "What shall we build?" })).toBeVisible();
  await page.getByRole("textbox", { name: "Message" }).fill("Create a todo app with React");
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await answer(page).innerText()).length).toBeGreaterThan(40);
}

const answer = (page: Page) => page.getByRole("article", { name: "Assistant" }).first();

test("a reload in the middle of an answer goes on with it, nothing doubled", async ({ page }) => {
  await begin(page, "Reload");
  await expect(answer(page)).toHaveAttribute("data-status", "streaming");

  await page.reload();
  await expect(answer(page)).toHaveAttribute("data-status", "complete", { timeout: 90_000 });

  await expect(page.getByRole("article", { name: "You" })).toHaveCount(1);
  await expect(page.getByRole("article", { name: "Assistant" })).toHaveCount(1);
  const streamed = await answer(page).locator(".prose").allInnerTexts();
  const tools = await answer(page).locator("details[data-tool]").count();
  await page.reload();
  await expect(answer(page)).toHaveAttribute("data-status", "complete");
  await expect.poll(() => answer(page).locator(".prose").allInnerTexts()).toEqual(streamed);
  await expect(answer(page).locator("details[data-tool]")).toHaveCount(tools);
});

test("Stop ends the answer, keeps what was shown and gives the composer back", async ({ page }) => {
  await begin(page, "Cancel");

  await page.getByRole("button", { name: "Stop", exact: true }).click();

  await expect(page.getByRole("button", { name: "Send" })).toBeVisible();
  await expect(answer(page)).toHaveAttribute("data-status", "cancelled");
  await expect(page.getByRole("textbox", { name: "Message" })).toBeFocused();
  await page.reload();
  await expect(answer(page)).toHaveAttribute("data-status", "cancelled");
});
