import type { Page, Route } from "@playwright/test";
import { expectAccessible } from "./accessible";
import { answers, finished, messageBox, openNewApp, send } from "./chat";
import { expect, test } from "./fixtures";

test.use({ expectedComplaint: /status of (404|429|500|502)/ });

const CHAT = "**/api/vendor/ai-chat-v2";

/** Answers the first requests of a method as Lambda does where no execution is free. */
async function keepBusy(page: Page, url: string, method: string, times: number): Promise<void> {
  let left = times;
  await page.route(url, async (route) => {
    if (route.request().method() !== method || left === 0) return route.fallback();
    left -= 1;
    await route.fulfill({
      status: 429,
      json: { Reason: "ConcurrentInvocationLimitExceeded", Type: "User", message: "Rate Exceeded." },
    });
  });
}

const instead = (page: Page, answer: Parameters<Route["fulfill"]>[0]) =>
  page.route(CHAT, (route) => (route.request().method() === "POST" ? route.fulfill(answer) : route.fallback()), {
    times: 1,
  });

test("a message that finds no free place is sent as soon as there is one @anywhere", async ({ page }) => {
  await openNewApp(page, "No free place");
  await keepBusy(page, CHAT, "POST", 2);

  await send(page, "Hello");

  await expect(page.getByText("Busy, trying again. Your message is not sent yet.")).toBeVisible();
  await finished(answers(page).first());
  await expect(page.getByText(/Busy, trying/)).toHaveCount(0);
  await expect(page.getByRole("article", { name: "You" })).toHaveCount(1);
});

test("a page that finds no free place opens as soon as there is one @anywhere", async ({ page }) => {
  await keepBusy(page, "**/api/vendor/apps", "GET", 2);

  await page.goto("/");

  await expect(page.getByText("Busy, trying again")).toBeVisible();
  await expect(messageBox(page)).toBeVisible();
  await expect(page.getByText(/Busy, trying/)).toHaveCount(0);
});

test("Stop gives a message that waits for a free place back", async ({ page }) => {
  await openNewApp(page, "Stopped");
  await keepBusy(page, CHAT, "POST", 100);
  await send(page, "Hello");
  await expect(page.getByText("Busy, trying again. Your message is not sent yet.")).toBeVisible();

  await page.getByRole("button", { name: "Stop", exact: true }).click();

  await expect(messageBox(page)).toHaveValue("Hello");
  await expect(page.getByText(/Busy, trying/)).toHaveCount(0);
});

test("a fault of the server is named by the reference that its log knows @anywhere", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openNewApp(page, "Faults");
  await instead(page, {
    status: 500,
    json: { success: false, error: { code: "internal", message: "It broke.", requestId: "3f2a9c1e-77" } },
  });
  await messageBox(page).fill("Hello");
  await page.getByRole("button", { name: "Send", exact: true }).click();

  const notice = page.getByRole("alert");
  await expect(notice).toContainText("Something went wrong on the server (500).");
  await expect(notice).toContainText("Reference 3f2a9c1e-77");
  await expectAccessible(page);
  const copy = notice.getByRole("button", { name: "Copy the reference" });
  await copy.focus();
  await page.keyboard.press("Enter");
  await expect(notice.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("3f2a9c1e-77");
  await notice.getByRole("button", { name: "Try again" }).click();
  await finished(answers(page).first());
});

test("an answer that breaks off names its reference too, and a crash of the function that of its log", async ({
  page,
}) => {
  await openNewApp(page, "Broken off");
  const frame = (seq: number, type: string, data: object) =>
    `id: 1-${seq}\ndata: ${JSON.stringify({ type, data, timestamp: 1 })}\n\n`;
  const begun = { sessionId: "s1", appId: "a1", turnId: 1, messageId: "m1", model: "demo-model" };
  const failed = { code: "model_error", message: "Claude could not answer.", retryable: true, requestId: "77-abc" };
  await instead(page, {
    contentType: "text/event-stream",
    body: frame(1, "connection_established", begun) + frame(2, "error", failed),
  });
  await send(page, "Hello");
  await expect(page.getByRole("alert")).toContainText("Claude could not answer.");
  await expect(page.getByRole("alert")).toContainText("Reference 77-abc");

  await page.getByRole("button", { name: "New chat" }).click();
  await instead(page, { status: 502, body: "Internal Server Error", headers: { "x-amzn-RequestId": "88-def" } });
  await messageBox(page).fill("Hello");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("The service did not answer. Try again in a moment.");
  await expect(page.getByRole("alert")).toContainText("Reference 88-def");
});
