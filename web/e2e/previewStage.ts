import type { Page } from "@playwright/test";
import { expect } from "./fixtures";
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
export async function openApp(page: Page, name: string, files: ReadonlyMap<string, string>): Promise<Stage> {
  await page.goto("/");
  const appId = await page.evaluate(
    async ([name, files]) => {
      const send = async (path: string, method: string, body: object) => {
        const headers = { "Content-Type": "application/json" };
        return (await fetch(path, { method, headers, body: JSON.stringify(body) })).json();
      };
      const { app } = await send("/api/vendor/apps", "POST", { name });
      for (const [path, content] of files) {
        await send(`/api/vendor/apps/${app.appId}/file`, "PUT", { path, content, baseVersion: 0 });
      }
      return app.appId as string;
    },
    [name, [...files]] as const,
  );
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
    edit: (path, text) => save(page, appId, path, text),
  };
}

function placeOf({ path, line, column }: NonNullable<ExpectedProblem["at"]>): string {
  return column === undefined ? `${path}:${line}` : `${path}:${line}:${column}`;
}

/** Saves a file from elsewhere, as Claude does; the page takes it in when its window is come back to. */
async function save(page: Page, appId: string, path: string, content: string): Promise<void> {
  await page.evaluate(
    async ([appId, path, content]) => {
      const base = `/api/vendor/apps/${appId}`;
      const { files } = await (await fetch(`${base}/files`)).json();
      const baseVersion = files.find((file: { path: string }) => file.path === path)?.version ?? 0;
      const body = JSON.stringify({ path, content, baseVersion });
      await fetch(`${base}/file`, { method: "PUT", headers: { "Content-Type": "application/json" }, body });
      window.dispatchEvent(new Event("focus"));
    },
    [appId, path, content] as const,
  );
}
