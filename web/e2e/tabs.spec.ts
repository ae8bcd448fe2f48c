import { answers, comeBack, finished, messageBox, openNewApp, send, TODO_APP, TODO_APP_SLOWLY } from "./chat";
import { expect, test } from "./fixtures";

test.use({ expectedComplaint: /status of 4(04|09)/ });

test("two tabs show the same chat, whichever of them asks", async ({ page, context }) => {
  await openNewApp(page, "Two tabs");
  await send(page, TODO_APP_SLOWLY);
  const prose = answers(page).first().locator(".prose");
  await expect(prose.first()).toContainText("React and TypeScript");

  const other = await context.newPage();
  await other.goto(page.url());
  await finished(answers(other).first());
  await finished(answers(page).first());
  expect(await answers(other).first().locator(".prose").allInnerTexts()).toEqual(await prose.allInnerTexts());

  await send(other, "Change the heading to My Tasks");
  await finished(answers(other).nth(1));
  await page.bringToFront();
  await comeBack(page);
  await expect(page.getByRole("article", { name: "You" }).last()).toContainText("My Tasks");
  await finished(answers(page).nth(1));
});

test("a chat, and then an app, that was deleted in another tab leaves a way on", async ({ page }) => {
  await openNewApp(page, "Deleted elsewhere");
  await send(page, TODO_APP);
  await finished(answers(page).first());
  const remove = (path: string) =>
    page.evaluate(async (gone) => (await fetch(gone, { method: "DELETE" })).status, path);
  const { searchParams } = new URL(page.url());

  expect(await remove(`/api/vendor/ai-chat-v2?sessionId=${searchParams.get("session")}`)).toBe(200);
  await messageBox(page).fill("Make the heading blue");
  await messageBox(page).press("Enter");
  await page.getByRole("button", { name: "Start a new chat" }).click();
  await expect(page.getByRole("heading", { name: "What shall we change?" })).toBeVisible();
  await expect(messageBox(page)).toHaveValue("Make the heading blue");

  expect(await remove(`/api/vendor/apps/${searchParams.get("app")}`)).toBe(200);
  await messageBox(page).press("Enter");
  await expect(page.getByText("This app was deleted")).toBeVisible();
  await page.getByRole("button", { name: "Open another app" }).click();
  await expect(page.getByText("This app was deleted")).toBeHidden();
  await expect(page.getByRole("button", { name: /Switch app/ })).not.toContainText("Deleted elsewhere");
});
