import type { Locator, Page } from "@playwright/test";
import { expect } from "./fixtures";

export const TODO_APP = "Create a todo app with React";
/** The stack of the browser tests answers this with 20 s of silence in the middle, in which a test can act. */
export const TODO_APP_SLOWLY = `${TODO_APP} and take your time`;

export const messageBox = (page: Page) => page.getByRole("textbox", { name: "Message" });
export const answers = (page: Page) => page.getByRole("article", { name: "Assistant" });

export const views = (page: Page) => page.getByRole("navigation", { name: "Views" });
export const view = (page: Page, name: string) => views(page).getByRole("button", { name: new RegExp(`^${name}`) });
/** The app in its preview, as its user has it. */
export const runningApp = (page: Page) => page.getByRole("region", { name: "Preview" }).frameLocator("iframe");

/** The id of the app that the page shows. */
export const appIdOf = (page: Page) => new URL(page.url()).searchParams.get("app") ?? "";

/** Comes back to the page's window, which then takes in what has been changed elsewhere. */
export const comeBack = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event("focus")));

/** Opens the page and makes an app of its own for the test: what is stored already cannot disturb it. */
export async function openNewApp(page: Page, name: string, look: () => Promise<void> = async () => {}): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: /Switch app/ }).click();
  await expect(page.getByRole("button", { name: "New App" })).toBeVisible();
  await look();
  await page.getByRole("button", { name: "New App" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await look();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByRole("button", { name: `App: ${name}. Switch app` })).toBeVisible();
  await expect(page.getByRole("heading", { name: "What shall we build?" })).toBeVisible();
}

/** Sends a message and waits until the page shows it. */
export async function send(page: Page, text: string): Promise<void> {
  await messageBox(page).fill(text);
  // On a phone Enter makes a new line.
  if ((page.viewportSize()?.width ?? 0) < 768) await page.getByRole("button", { name: "Send", exact: true }).click();
  else await messageBox(page).press("Enter");
  await expect(page.getByRole("article", { name: "You" }).last()).toContainText(text);
}

export async function finished(answer: Locator): Promise<void> {
  await expect(answer).toHaveAttribute("data-status", "complete", { timeout: 90_000 });
}
