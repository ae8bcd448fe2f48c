import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { appIdOf, comeBack, openNewApp } from "./chat";
import { expect, test } from "./fixtures";
import { saveFile } from "./otherClient";

// A build that fails is a refusal, and an address that was taken down is not found.
test.use({ expectedComplaint: /status of 4(04|09)/ });

const APP = (heading: string) => `export default function App() {\n  return <h1>${heading}</h1>;\n}\n`;

const dialog = (page: Page) => page.getByRole("dialog", { name: "Publish and share" });
const header = (page: Page) => page.getByRole("banner");
const press = (page: Page, name: string) => dialog(page).getByRole("button", { name, exact: true }).click();
const said = (page: Page, text: string) => expect(dialog(page).getByText(text)).toBeVisible({ timeout: 90_000 });

for (const colorScheme of ["light", "dark"] as const) {
  test(`an app is published, changed, rolled back and taken down, ${colorScheme}`, async ({ page, browser }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await openNewApp(page, `Published ${colorScheme}`);
    await saveFile(appIdOf(page), "src/App.tsx", APP("One"));
    await comeBack(page);
    await header(page).getByRole("button", { name: "Publish", exact: true }).click();
    await said(page, "Not published");
    await expectAccessible(page);

    await press(page, "Publish");
    await said(page, "Version 1 is live.");
    await expectAccessible(page);
    const address = (await dialog(page).getByRole("link").first().getAttribute("href")) ?? "";
    expect(new URL(address).origin).not.toBe(new URL(page.url()).origin);
    // A stranger, with nothing of the product in their browser.
    const stranger = await browser.newPage();
    const shows = async (heading: string) => {
      await stranger.goto(address);
      await expect(stranger.getByRole("heading", { name: heading })).toBeVisible();
    };
    await shows("One");

    await page.keyboard.press("Escape");
    await expect(header(page).getByRole("button", { name: "Live", exact: true })).toBeFocused();
    await expectAccessible(page);
    await saveFile(appIdOf(page), "src/App.tsx", APP("Two"));
    await comeBack(page);
    await header(page).getByRole("button", { name: "Publish changes", exact: true }).click();
    await said(page, "The app has changed since. Visitors see the published version.");
    await press(page, "Publish the changes");
    await said(page, "Version 2 is live.");
    await shows("Two");
    await press(page, "Make live version 1");
    await said(page, "Version 1 is live.");
    await shows("One");
    await dialog(page).getByRole("button", { name: "Undo", exact: true }).press("Enter");
    await said(page, "Version 2 is live.");
    // The button has gone, but whoever uses the keyboard is still where it was.
    await expect(dialog(page).getByRole("tabpanel")).toBeFocused();
    await shows("Two");

    await saveFile(appIdOf(page), "src/App.tsx", `${APP("Three")}}`);
    await comeBack(page);
    await press(page, "Publish the changes");
    await expect(dialog(page).getByRole("list", { name: "Why the app cannot be built" })).toBeVisible();
    await expectAccessible(page);
    await shows("Two");

    await press(page, "Take down");
    await page.getByRole("dialog", { name: "Take the app down?" }).getByRole("button", { name: "Take down" }).click();
    await said(page, "The app is no longer published.");
    expect((await stranger.goto(address))?.status()).toBe(404);
    await stranger.close();
    await page.keyboard.press("Escape");
    await expect(header(page).getByRole("button", { name: "Publish", exact: true })).toBeFocused();
  });
}

test("a phone publishes too, from the menu @phone", async ({ page }) => {
  await openNewApp(page, "Published on a phone");
  await saveFile(appIdOf(page), "src/App.tsx", APP("One"));
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Publish" }).click();
  await press(page, "Publish");
  await said(page, "Version 1 is live.");
  await expectAccessible(page);
  const { width } = (await dialog(page).boundingBox()) ?? { width: 0 };
  expect(width).toBeLessThanOrEqual(390);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
