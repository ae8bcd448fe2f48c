import type { Page } from "@playwright/test";
import { comeBack } from "./chat";
import { expect } from "./fixtures";
import { createApp, type FileContent, saveFile } from "./otherClient";
import type { Stage } from "./playSample";
import type { ExpectedProblem } from "./sampleApps";

const TITLES = new Map<string, string | RegExp>([
  ["syntax", /There is a mistake in/],
  ["missing", /is not available here|is not there/],
  ["import", "The app could not start"],
  ["render", "The app could not be shown"],
  ["event", "An action in the app failed"],
  ["promise", "Something failed in the background"],
  ["unresponsive", "The app does not answer"],
]);

/** Makes an app of these files, and opens it in the page with its preview. */
export async function openApp(page: Page, name: string, files: ReadonlyMap<string, FileContent>): Promise<Stage> {
  const appId = await createApp(name, files);
  await page.goto(`/?app=${appId}&view=preview`);
  return stageOf(page, appId);
}

/** The preview of the page, as a vendor has it. */
function stageOf(page: Page, appId: string): Stage {
  const pane = page.getByRole("region", { name: "Preview" });
  const address = pane.getByRole("textbox", { name: "Address in the app" });
  const app = pane.frameLocator("iframe");
  return {
    app,
    go: async (path) => {
      await address.fill(path);
      await address.press("Enter");
    },
    back: () => pane.getByRole("button", { name: "Back", exact: true }).click(),
    reload: () => pane.getByRole("button", { name: "Reload the app" }).click(),
    expectRoute: (path) => expect(address).toHaveValue(path),
    expectConsole: async (text) => {
      const button = pane.getByRole("button", { name: /^Console/ });
      if ((await button.getAttribute("aria-pressed")) === "false") await button.click();
      await expect(pane.getByText(text)).toBeVisible();
    },
    expectProblem: async (problem) => {
      const titles = pane.getByRole("heading", { level: 2 });
      if (!problem) return void (await expect(titles).toHaveCount(0));
      await expect(titles).toHaveText(TITLES.get(problem.kind) ?? "");
      if (problem.packageName) await expect(titles).toContainText(problem.packageName);
      else if (problem.message) await expect(pane.getByText(problem.message).first()).toBeVisible();
      if (problem.at)
        await expect(pane.getByRole("button", { name: `Open ${placeOf(problem.at)}` }).first()).toBeVisible();
    },
    edit: async (path, content) => {
      await saveFile(appId, path, content);
      await comeBack(page);
    },
  };
}

function placeOf({ path, line, column }: NonNullable<ExpectedProblem["at"]>): string {
  return column === undefined ? `${path}:${line}` : `${path}:${line}:${column}`;
}
