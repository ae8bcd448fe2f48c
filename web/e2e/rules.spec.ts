import { expectAccessible } from "./accessible";
import { answers, finished, messageBox, send, view } from "./chat";
import { expect, test } from "./fixtures";
import { createApp, readFile } from "./otherClient";

test("rules that Claude changed wait for the vendor, who accepts or undoes them @anywhere", async ({
  page,
  isMobile,
}) => {
  await page.emulateMedia({ colorScheme: isMobile ? "dark" : "light", reducedMotion: "reduce" });
  const app = await createApp("Rules", new Map([["AGENTS.md", "Use tabs.\nKeep it short.\n"]]));
  const question = page.getByRole("region", { name: "Changed rules" });
  await page.goto(`/?app=${app}`);
  await send(page, 'Replace "tabs" with "spaces"');
  await finished(answers(page).first());
  await expect(question).toContainText("Claude changed the rules in AGENTS.md. They count once you accept them.");

  await page.reload();
  await question.getByRole("button", { name: "See the change" }).press("Enter");
  await expect(question.getByRole("region", { name: "Changed lines of AGENTS.md" })).toContainText("+ Use spaces.");
  await expectAccessible(page);
  await page.getByRole("button", { name: "New chat" }).click();
  await expect(question).toBeVisible();
  if (isMobile) {
    await view(page, "Preview").click();
    await expect(view(page, "Chat")).toContainText("changed rules wait for you");
    await view(page, "Chat").click();
  }
  await question.getByRole("button", { name: "Accept" }).press("Enter");
  await expect(question).toBeHidden();
  await expect(messageBox(page)).toBeFocused();

  await send(page, 'Replace "spaces" with "nothing"');
  await finished(answers(page).first());
  await question.getByRole("button", { name: "Undo" }).press("Enter");
  await expect(question).toBeHidden();
  expect(await readFile(app, "AGENTS.md")).toBe("Use spaces.\nKeep it short.\n");
  await page.reload();
  await expect(answers(page).first()).toBeVisible();
  await expect(question).toBeHidden();
});
