import { mkdirSync } from "node:fs";
import type { Page } from "@playwright/test";
import {
  answers,
  appIdOf,
  comeBack,
  finished,
  messageBox,
  openNewApp,
  runningApp,
  TODO_APP,
  TODO_APP_SLOWLY,
  view,
} from "./chat";
import { expect, test } from "./fixtures";
import { saveFile } from "./otherClient";

/**
 * Ten states of the page, on a desktop and a phone, light and dark, to be looked at: `make pictures` puts them into
 * e2e/screenshots. The browser reports the errors that one state shows on purpose.
 */
const SCREENS = [
  { name: "desktop", viewport: { width: 1440, height: 900 }, isMobile: false },
  { name: "phone", viewport: { width: 390, height: 844 }, isMobile: true },
];
const FOLDER = "e2e/screenshots";
const BROKEN =
  "export default function App() {\n  const user: { tags?: string[] } = {};\n  return <p>{user.tags!.map(String)}</p>;\n}\n";

mkdirSync(FOLDER, { recursive: true });

for (const screen of SCREENS) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${screen.name}, ${colorScheme}`, () => {
      const { viewport, isMobile } = screen;
      test.use({ viewport, isMobile, hasTouch: isMobile, colorScheme, expectedComplaint: /reading 'map'|status of 4/ });
      const shot = (page: Page, state: string) =>
        page.screenshot({
          path: `${FOLDER}/${state}-${screen.name}-${colorScheme}.png`,
          animations: "disabled",
          caret: "hide",
        });

      test("ten states @pictures", async ({ page }) => {
        await openNewApp(page, "Todo list");
        await shot(page, "first");

        await ask(page, TODO_APP_SLOWLY, isMobile);
        await expect(answers(page).first().locator(".prose").first()).toContainText("todo app");
        await shot(page, "thinking");
        await page.getByRole("button", { name: "Stop", exact: true }).click();
        await expect(answers(page).first()).toHaveAttribute("data-status", "cancelled");
        await shot(page, "stopped");

        await ask(page, TODO_APP, isMobile);
        if (!isMobile) await expect(page.locator(".monaco-editor .view-lines")).toContainText(/\w/);
        await shot(page, "writing");
        await finished(answers(page).nth(1));
        await view(page, "Preview").click();
        await expect(runningApp(page).getByRole("heading", { name: "Todos" })).toBeVisible();
        await runningApp(page).getByRole("textbox").fill("Water the plants");
        await runningApp(page).getByRole("button", { name: "Add" }).click();
        await shot(page, "running");

        await view(page, "Code").click();
        if (isMobile) await page.getByRole("button", { name: "Show files" }).click();
        await page.getByRole("treeitem", { name: /^App\./ }).click();
        await expect(page.getByRole("region", { name: "Editor" })).toContainText("STORAGE_KEY");
        await shot(page, "code");
        if (isMobile) await page.getByRole("button", { name: "Show files" }).click();
        if (isMobile) await shot(page, "files");
        if (isMobile) await page.keyboard.press("Escape");

        if (isMobile) {
          await page.getByRole("button", { name: "More", exact: true }).click();
          await page.getByRole("menuitem", { name: "Changes" }).click();
        } else await view(page, "Changes").click();
        await expect(page.getByRole("region", { name: "Changes" })).toContainText("App.tsx");
        await shot(page, "changes");

        await saveFile(appIdOf(page), "src/App.tsx", BROKEN);
        await comeBack(page);
        await view(page, "Preview").click();
        await expect(page.getByRole("region", { name: "Preview" })).toContainText("reading 'map'");
        await shot(page, "problem");

        await page.getByRole("button", { name: /^Find files/ }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await shot(page, "palette");
      });
    });
  }
}

async function ask(page: Page, text: string, isMobile: boolean): Promise<void> {
  await messageBox(page).fill(text);
  if (isMobile) await page.getByRole("button", { name: "Send", exact: true }).click();
  else await messageBox(page).press("Enter");
}
