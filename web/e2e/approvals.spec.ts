import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { ASK, card, openShop, PUBLISH, waits } from "./asking";
import { answers, appIdOf, finished, messageBox, send } from "./chat";
import { expect, test } from "./fixtures";
import { publishedVersions } from "./otherClient";

test.use({ expectedComplaint: /status of 4(04|09)/ });

test("a call that leaves the product waits for a yes, and the turn goes on with it @anywhere", async ({ page }) => {
  await openShop(page, "Allow", "chat");
  await send(page, PUBLISH);

  await expect(card(page)).toContainText(/Publish revision \d+/);
  await expect(waits(page)).toBeVisible();
  await expectAccessible(page);
  await card(page).getByRole("button", { name: "Allow", exact: true }).click();

  await finished(answers(page).first());
  await expect(card(page)).toHaveCount(0);
  await expect(answers(page).first()).toContainText("You allowed: Publish revision");
  await expect(answers(page).first()).toContainText("Your app is live");
  await expect(waits(page)).toHaveCount(0);
  await page.reload();
  await expect(answers(page).first()).toContainText("You allowed: Publish revision");
});

test("a refusal reaches Claude with its reason, and nothing is published", async ({ page }) => {
  await openShop(page, "Refuse");
  await send(page, PUBLISH);

  await card(page).getByRole("button", { name: "Don't allow" }).click();
  await page.getByRole("textbox", { name: /What Claude should know/ }).fill("Not before Monday");
  await expectAccessible(page);
  await page.keyboard.press("Enter");

  await finished(answers(page).first());
  await expect(answers(page).first()).toContainText("You did not allow: Publish revision");
  await expect(answers(page).first()).toContainText("It is not published");
});

test("what waits is still there after a reload, and in the list of chats", async ({ page }) => {
  await openShop(page, "Reload");
  await send(page, PUBLISH);
  await expect(card(page)).toBeVisible();

  await page.reload();
  await expect(card(page)).toContainText("Publish revision");
  await page.getByRole("button", { name: "Chat history" }).click();
  await expect(page.getByRole("listitem").getByText(/waits for you/)).toBeVisible();
  await page.keyboard.press("Escape");
  await card(page).getByRole("button", { name: "Allow", exact: true }).click();

  await finished(answers(page).first());
  await expect(page.getByRole("article", { name: "You" })).toHaveCount(1);
  await expect(answers(page)).toHaveCount(1);
  await expect(answers(page).first()).toContainText("Your app is live");
});

test("of two tabs that answer, the first counts, and both show how it ends", async ({ page, context }) => {
  await openShop(page, "Two answers");
  await send(page, PUBLISH);
  await expect(card(page)).toBeVisible();
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(card(other)).toBeVisible();
  // Neither answer goes out before both are given: else the second tab may have noticed the first.
  const given: (() => void)[] = [];
  await context.route("**/approvals/**", async (route) => {
    await new Promise<void>((resolve) => {
      given.push(resolve);
      if (given.length === 2) for (const goOn of given) goOn();
    });
    await route.continue();
  });

  // Pressed by script: a tab in the background is drawn too seldom for a pointer.
  const press = (tab: Page) =>
    card(tab)
      .getByRole("button", { name: "Allow", exact: true })
      .evaluate((button: HTMLElement) => button.click());
  await Promise.all([press(page), press(other)]);

  for (const tab of [page, other]) {
    await finished(answers(tab).first());
    await expect(card(tab)).toHaveCount(0);
    await expect(answers(tab).first()).toContainText("Your app is live");
  }
  expect(await publishedVersions(appIdOf(page))).toHaveLength(1);
});

test("an answer that was given in another tab is noticed", async ({ page, context }) => {
  await openShop(page, "Answered elsewhere");
  await send(page, PUBLISH);
  await expect(card(page)).toBeVisible();
  const other = await context.newPage();
  await other.goto(page.url());

  await card(other).getByRole("button", { name: "Don't allow" }).click();
  await card(other).getByRole("button", { name: "Don't allow" }).click();

  await finished(answers(other).first());
  await page.bringToFront();
  await finished(answers(page).first());
  await expect(card(page)).toHaveCount(0);
  await expect(answers(page).first()).toContainText("You did not allow: Publish revision");
  await expect(answers(page).first()).toContainText("It is not published");
});

test("Stop ends a turn that waits", async ({ page }) => {
  await openShop(page, "Stop");
  await send(page, PUBLISH);
  await expect(card(page)).toBeVisible();

  await page.keyboard.press("Escape");
  await expect(card(page)).toBeVisible();
  await page.getByRole("button", { name: "Stop", exact: true }).click();

  await expect(answers(page).first()).toHaveAttribute("data-status", "cancelled");
  await expect(card(page)).toHaveCount(0);
  await page.reload();
  await expect(answers(page).first()).toHaveAttribute("data-status", "cancelled");
});

test("a new message refuses what is open, as the page says before", async ({ page }) => {
  await openShop(page, "New message");
  await send(page, PUBLISH);
  await expect(card(page)).toBeVisible();
  await expect(page.getByText("Claude waits for your answer. A new message counts as a no.")).toBeVisible();

  await send(page, "What can you do?");

  await finished(answers(page).nth(1));
  await expect(answers(page).first()).toHaveAttribute("data-status", "cancelled");
  await expect(card(page)).toHaveCount(0);
  await expect(answers(page).first()).not.toContainText("Your app is live");
});

test("what was allowed for the chat is not asked again in it", async ({ page }) => {
  await openShop(page, "Remembered");
  await send(page, PUBLISH);
  await card(page).getByRole("combobox", { name: "Allow it" }).selectOption("always in this chat");
  await card(page).getByRole("button", { name: "Allow", exact: true }).click();
  await finished(answers(page).first());

  await send(page, PUBLISH);

  await finished(answers(page).nth(1));
  await expect(answers(page).nth(1)).toContainText("Your app is live");
});

test("a question is answered by keyboard alone", async ({ page }) => {
  await openShop(page, "Question");
  await send(page, ASK);
  await expect(card(page)).toContainText("Which style should the app have?");
  await expectAccessible(page);
  await expect(page.locator("[data-asks]")).toBeFocused();

  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");

  await finished(answers(page).first());
  await expect(answers(page).first()).toContainText("Which style should the app have? Dark");
  await expect(answers(page).first()).toContainText("Noted: Dark · Home; About");
});

test("a question is answered in own words on a phone too @phone", async ({ page }) => {
  await openShop(page, "Own words", "chat");
  await send(page, ASK);

  await card(page).getByRole("textbox", { name: "Or in your own words" }).fill("Like a newspaper");
  await expectAccessible(page);
  await card(page).getByRole("button", { name: "Send answer" }).click();

  await finished(answers(page).first());
  await expect(answers(page).first()).toContainText("You answered: Like a newspaper");
  await page.reload();
  await expect(answers(page).first()).toContainText("You answered: Like a newspaper");
  await expect(messageBox(page)).toBeVisible();
});
