import type { Locator, Page } from "@playwright/test";
import { answers, finished, messageBox, openNewApp, runningApp, send, TODO_APP, view, views } from "./chat";
import { expect, test } from "./fixtures";
import { createApp } from "./otherClient";

const tree = (page: Page) => page.getByRole("tree", { name: "Files" });

test("Back goes back, over views, chats and apps", async ({ page }) => {
  await openNewApp(page, "Where it began");
  await send(page, "Hello");
  await finished(answers(page).first());
  await view(page, "Code").click();
  await expect(page.getByRole("region", { name: "Editor" })).toBeVisible();
  await page.getByRole("button", { name: "New chat" }).click();
  await expect(answers(page)).toHaveCount(0);
  await openNewAppHere(page, "Where it went");

  await page.goBack();
  await expect(page.getByRole("button", { name: "App: Where it began. Switch app" })).toBeVisible();
  await expect(answers(page)).toHaveCount(0);
  await page.goBack();
  await finished(answers(page).first());
  await expect(view(page, "Code")).toHaveAttribute("aria-current", "page");
  await page.goBack();
  await expect(view(page, "Code")).not.toHaveAttribute("aria-current");
  await page.goForward();
  await expect(view(page, "Code")).toHaveAttribute("aria-current", "page");
  await page.reload();
  await expect(view(page, "Code")).toHaveAttribute("aria-current", "page");
  await finished(answers(page).first());
});

test("Back to another app asks about what is not saved", async ({ page }) => {
  await openNewApp(page, "Left behind");
  await openNewAppHere(page, "Being written");
  await view(page, "Code").click();
  await newFile(page, "notes.md");
  await page.getByRole("textbox", { name: /^Code editor/ }).focus();
  await page.keyboard.insertText("not saved");
  await expect(page.getByRole("tab", { selected: true }).getByRole("img", { name: "unsaved changes" })).toBeVisible();

  // Two steps: from the view, then from the app.
  await page.goBack();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Leave without saving?" })).toBeVisible();
  await page.getByRole("button", { name: "Keep it" }).click();
  await expect(page.getByRole("button", { name: "App: Being written. Switch app" })).toBeVisible();
  await page.goBack();
  await page.getByRole("button", { name: "Leave", exact: true }).click();
  await expect(page.getByRole("button", { name: "App: Left behind. Switch app" })).toBeVisible();
});

test("a handle keeps its place, for each width of the window", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await openNewApp(page, "Handles");
  const handle = page.getByRole("separator", { name: "Width of the columns" }).first();
  const chat = page.getByRole("region", { name: "Chat" });
  const width = async () => Math.round((await chat.boundingBox())?.width ?? 0);
  const before = await width();
  await handle.focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(width).toBeGreaterThan(before + 10);
  const moved = await width();

  await page.setViewportSize({ width: 1024, height: 768 });
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect.poll(width).toBe(moved);
  await page.reload();
  await expect.poll(width).toBe(moved);
  await view(page, "Code").click();
  await view(page, "Preview").click();
  await expect.poll(width).toBe(moved);

  await page.setViewportSize({ width: 1720, height: 950 });
  await view(page, "Code").click();
  await expect(page.getByRole("region", { name: "Editor" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Preview" })).toBeVisible();
});

test("a handle is dragged over the running app, and stays where it was left", async ({ page }) => {
  const files = new Map([["index.html", "<h1>Hello</h1><script>console.log('Here')</script>"]]);
  await page.goto(`/?app=${await createApp("Dragged", files)}`);
  await expect(runningApp(page).getByRole("heading", { name: "Hello" })).toBeVisible();
  const chat = page.getByRole("region", { name: "Chat" });
  const columns = page.getByRole("separator", { name: "Width of the columns" });
  const width = async () => (await chat.boundingBox())?.width ?? 0;
  const before = await width();

  await drag(page, columns, 150, 0);
  await expect.poll(width).toBeCloseTo(before + 150, 0);

  await page.getByRole("button", { name: /Console/ }).click();
  const drawer = page.getByRole("region", { name: "Console" });
  const height = async () => (await drawer.boundingBox())?.height ?? 0;
  const low = await height();
  await drag(page, page.getByRole("separator", { name: "Height of the console" }), 0, -100);
  await expect.poll(height).toBeCloseTo(low + 100, 0);
  await page.reload();
  await expect.poll(height).toBeCloseTo(low + 100, 0);
  await expect.poll(width).toBeCloseTo(before + 150, 0);
});

test("the palette finds files, chats and actions by keyboard alone", async ({ page }) => {
  await openNewApp(page, "Palette");
  await send(page, TODO_APP);
  await finished(answers(page).first());
  await page.keyboard.press("Control+p");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.type("todoitem");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: /TodoItem/, selected: true })).toBeVisible();

  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.type("changes");
  await page.keyboard.press("Enter");
  await expect(view(page, "Changes")).toHaveAttribute("aria-current", "page");
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("an app is renamed in its place @anywhere", async ({ page }) => {
  await openNewApp(page, "Old name");
  await page.getByRole("button", { name: /Switch app/ }).click();
  await page.getByRole("button", { name: "Rename app Old name" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("New name");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "App: New name. Switch app" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: "App: New name. Switch app" })).toBeVisible();
});

test("a phone shows one view at a time, each as it was left @phone", async ({ page }) => {
  await openNewApp(page, "Phone");
  await messageBox(page).fill(TODO_APP);
  await page.getByRole("button", { name: "Send" }).click();
  await view(page, "Preview").click();
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
  await view(page, "Chat").click();
  await finished(answers(page).first());
  const conversation = page.getByRole("region", { name: "Conversation" });
  await conversation.evaluate((region) => region.scrollTo(0, 40));
  await view(page, "Code").click();
  await page.getByRole("button", { name: "Show files" }).click();
  await tree(page)
    .getByRole("treeitem", { name: /^App\./ })
    .click();
  await expect(tree(page)).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Editor" })).toContainText("App");
  await view(page, "Chat").click();
  expect(await conversation.evaluate((region) => region.scrollTop)).toBe(40);

  for (const button of await views(page).getByRole("button").all()) {
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  }
  expect(
    await messageBox(page).evaluate((box) => Number.parseFloat(getComputedStyle(box).fontSize)),
  ).toBeGreaterThanOrEqual(16);
});

async function drag(page: Page, handle: Locator, x: number, y: number): Promise<void> {
  await handle.hover();
  const box = (await handle.boundingBox())!;
  const [fromX, fromY] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.down();
  await page.mouse.move(fromX + x, fromY + y, { steps: 10 });
  await page.mouse.up();
}

async function openNewAppHere(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: /Switch app/ }).click();
  await page.getByRole("button", { name: "New App" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByRole("button", { name: `App: ${name}. Switch app` })).toBeVisible();
}

async function newFile(page: Page, path: string): Promise<void> {
  await page.getByRole("button", { name: "New file" }).click();
  await page.getByRole("textbox", { name: "Path" }).fill(path);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: new RegExp(path), selected: true })).toBeVisible();
}
