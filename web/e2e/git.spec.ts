import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { appIdOf, comeBack, openNewApp } from "./chat";
import { expect, test } from "./fixtures";
import { saveFile } from "./otherClient";

// What a host refuses is an error of the request that asked it.
test.use({ expectedComplaint: /status of (400|404|502)/ });

/** A name that no host has: https://www.rfc-editor.org/rfc/rfc2606#section-2 */
const NOWHERE = "https://git.invalid/me/app.git";

async function openGit(page: Page, name: string) {
  await openNewApp(page, name);
  await saveFile(appIdOf(page), "src/App.tsx", "export default () => <h1>One</h1>;\n");
  await comeBack(page);
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Git" }).click();
  return page.getByRole("dialog", { name: "Publish and share" });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`a host that cannot be reached is said in words, and nothing that was typed is lost, ${colorScheme}`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const dialog = await openGit(page, `Git ${colorScheme}`);
    await dialog.getByLabel("Repository").fill(NOWHERE);
    await dialog.getByLabel("Access token").fill("a-token");
    await dialog.getByRole("button", { name: "Connect", exact: true }).click();

    await expect(dialog.getByRole("alert").filter({ hasText: "git.invalid" })).toBeVisible({ timeout: 60_000 });
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("button", { name: "More", exact: true })).toBeFocused();
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Git" }).click();
    await expect(dialog.getByText(NOWHERE)).toBeVisible();
    await dialog.getByRole("button", { name: "Change" }).click();
    await expect(dialog.getByLabel("Repository")).toHaveValue(NOWHERE);
  });
}

test("the whole history is downloaded as a bundle that begins as git's do @anywhere", async ({ page }) => {
  const dialog = await openGit(page, "History");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    dialog.getByRole("link", { name: "Git bundle" }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));

  // https://git-scm.com/docs/gitformat-bundle
  expect(Buffer.concat(chunks).toString("latin1", 0, 40)).toMatch(/^# v[23] git bundle\n/);
  await expectAccessible(page);
});

test("a branch that cannot be had makes no app, and the form says why", async ({ page }) => {
  await openNewApp(page, "Before the import");
  await page.getByRole("button", { name: /Switch app/ }).click();
  await page.getByRole("button", { name: "Import from Git" }).click();
  const dialog = page.getByRole("dialog", { name: "Import from Git" });
  await expectAccessible(page);
  await dialog.getByLabel("Repository").fill(NOWHERE);
  await dialog.getByRole("button", { name: "Import", exact: true }).click();

  await expect(dialog.getByRole("alert").filter({ hasText: "git.invalid" })).toBeVisible({ timeout: 60_000 });
  await expect(dialog.getByLabel("Repository")).toHaveValue(NOWHERE);
});
