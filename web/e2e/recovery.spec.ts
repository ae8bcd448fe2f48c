import type { Page } from "@playwright/test";
import { answers, finished, messageBox, openNewApp, send, TODO_APP_SLOWLY } from "./chat";
import { expect, test } from "./fixtures";

async function begin(page: Page, name: string): Promise<void> {
  await openNewApp(page, name);
  await send(page, TODO_APP_SLOWLY);
  await expect(answers(page).first().locator(".prose").first()).toContainText("React and TypeScript");
}

test("a reload in the middle of an answer goes on with it, nothing doubled @anywhere", async ({ page }) => {
  const answer = answers(page).first();
  await begin(page, "Reload");
  await expect(answer).toHaveAttribute("data-status", "streaming");

  await page.reload();
  await finished(answer);

  await expect(page.getByRole("article", { name: "You" })).toHaveCount(1);
  await expect(answers(page)).toHaveCount(1);
  const streamed = await answer.locator(".prose").allInnerTexts();
  const batches = await answer.locator("[data-tools]").count();
  expect(batches).toBeGreaterThan(0);
  await page.reload();
  await finished(answer);
  await expect.poll(() => answer.locator(".prose").allInnerTexts()).toEqual(streamed);
  await expect(answer.locator("[data-tools]")).toHaveCount(batches);
});

test("Stop ends the answer, keeps what was shown and gives the composer back @anywhere", async ({ page }) => {
  const answer = answers(page).first();
  await begin(page, "Cancel");

  await page.getByRole("button", { name: "Stop", exact: true }).click();

  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeVisible();
  await expect(answer).toHaveAttribute("data-status", "cancelled");
  await expect(messageBox(page)).toBeFocused();
  await page.reload();
  await expect(answer).toHaveAttribute("data-status", "cancelled");
  await expect(answer.locator(".prose").first()).toContainText("React and TypeScript");
});
