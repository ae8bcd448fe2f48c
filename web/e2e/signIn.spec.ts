import type { Page } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { messageBox, openNewApp, view } from "./chat";
import { expect, test } from "./fixtures";
import { createApp, readFile } from "./otherClient";

test.use({ expectedComplaint: /401 \(Unauthorized\)/ });

const screen = (page: Page) => page.getByRole("dialog", { name: /signed (in|out)$/ });
const signIn = (page: Page) => screen(page).getByRole("button", { name: "Sign in" });

/** Nobody is signed in until somebody has been to the sign-in's page. */
async function signOut(page: Page): Promise<void> {
  await page.route("**/api/**", (route) =>
    route.fulfill({
      status: 401,
      json: { success: false, error: { code: "unauthenticated", message: "Sign in first.", requestId: "r1" } },
    }),
  );
}

/** A deployment whose vendors sign in at an address of its own, which sends them back signed in. */
async function withSignIn(page: Page): Promise<void> {
  await page.route("**/config.json", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), signIn: "/sign-in" } });
  });
  await page.route("**/sign-in?*", async (route) => {
    await page.unroute("**/api/**");
    const to = new URL(route.request().url()).searchParams.get("to") ?? "";
    await route.fulfill({ status: 302, headers: { Location: to } });
  });
}

test("who is not signed in is led to the sign-in, and back to where they were going @anywhere", async ({ page }) => {
  const app = await createApp("Expected", new Map([["notes.md", "Hello"]]));
  await withSignIn(page);
  await signOut(page);
  await page.goto(`/?app=${app}&view=changes`);

  await expect(screen(page)).toContainText("You are not signed in");
  await expect(screen(page)).toContainText("Sign in to see your apps.");
  await expect(page.getByRole("alert")).toHaveCount(0);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expectAccessible(page);
  }
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(screen(page)).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");

  await expect(page.getByRole("button", { name: "App: Expected. Switch app" })).toBeVisible();
  expect(page.url()).toContain(`app=${app}&view=changes`);
  await expect(screen(page)).toHaveCount(0);
});

test("a sign-in that runs out at work takes nothing along: not the draft, not what is typed in a file", async ({
  page,
}) => {
  await withSignIn(page);
  const app = await createApp("At work", new Map([["notes.md", "Stored"]]));
  await page.goto(`/?app=${app}&view=code`);
  await page.getByRole("treeitem", { name: "notes.md" }).click();
  const editor = page.getByRole("textbox", { name: /^Code editor/ });
  await editor.focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText(" and typed");
  await messageBox(page).fill("A thought that is not sent yet");
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });

  await signOut(page);
  // The page notices by itself, with the next look for changes from elsewhere.
  await expect(screen(page)).toContainText("You have been signed out");
  await expect(screen(page)).toContainText("What you have written is kept.");
  await expect(screen(page).getByRole("heading")).toBeFocused();
  await signIn(page).click();

  await expect(page.getByRole("tab", { name: /notes\.md/, selected: true })).toContainText("notes.md");
  await expect(page.getByRole("region", { name: "Editor" })).toContainText("Stored and typed");
  await expect(messageBox(page)).toHaveValue("A thought that is not sent yet");
  expect(asked).toEqual([]);
  expect(await readFile(app, "notes.md")).toBe("Stored");
  await page.keyboard.press("Control+s");
  await expect.poll(() => readFile(app, "notes.md")).toBe("Stored and typed");
});

test("a message that meets a sign-in that has run out is back in its box afterwards @anywhere", async ({ page }) => {
  await withSignIn(page);
  await openNewApp(page, "Not sent");
  await signOut(page);
  await messageBox(page).fill("Please build it");
  await page.getByRole("button", { name: "Send", exact: true }).click();

  await signIn(page).click();

  await expect(messageBox(page)).toHaveValue("Please build it");
  await expect(page.getByRole("article", { name: "You" })).toHaveCount(0);
});

test("who signs in elsewhere finds the page again without a click", async ({ page }) => {
  await openNewApp(page, "Elsewhere");
  await view(page, "Changes").click();
  await signOut(page);
  await expect(screen(page)).toContainText("Sign in at the product that you came from");

  await page.unroute("**/api/**");
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));

  await expect(screen(page)).toHaveCount(0);
  await expect(page.getByRole("button", { name: "App: Elsewhere. Switch app" })).toBeVisible();
});

test("a download that is refused leaves the page where it is", async ({ page }) => {
  await page.goto(`/?app=${await createApp("Refused", new Map([["notes.md", "Hello"]]))}`);
  await expect(messageBox(page)).toBeVisible();
  await signOut(page);

  await page.getByRole("button", { name: "Download all files" }).click();

  await expect(screen(page)).toContainText("You have been signed out");
});

test("signing out leads to where the sign-in itself is ended", async ({ page }) => {
  const config: object = await (await page.request.get("/config.json")).json();
  await page.route("**/config.json", (route) => route.fulfill({ json: { ...config, signOut: "/sign-out" } }));
  await page.route("**/sign-out", (route) =>
    route.fulfill({ json: { success: true, location: "/goodbye?from=here" } }),
  );
  await openNewApp(page, "Signing out");

  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();

  await page.waitForURL("**/goodbye?from=here");
});
