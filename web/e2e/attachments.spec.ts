import type { Page, Request } from "@playwright/test";
import { attachedFiles, dropFiles, holdFiles, paste, sentFiles } from "./attach";
import { answers, appIdOf, finished, messageBox, openNewApp, send } from "./chat";
import { expect, test } from "./fixtures";

const isForm = (request: Request) => (request.headers()["content-type"] ?? "").startsWith("multipart/form-data");
const isUploaded = (page: Page, count: number) =>
  expect(async () => {
    await expect(attachedFiles(page).getByRole("listitem")).toHaveCount(count);
    await expect(page.getByRole("progressbar")).toHaveCount(0);
  }).toPass();

const DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"><rect width="4" height="4"/></svg>';

/** The bytes of the uploads that the next message refers to, in its order. */
async function sentBytes(page: Page, text: string): Promise<Buffer[]> {
  const posted = page.waitForRequest((request) => request.method() === "POST" && /ai-chat/.test(request.url()));
  await send(page, text);
  const { attachments } = (await posted).postDataJSON() as { attachments: string[] };
  return Promise.all(
    attachments.map(async (id) => {
      const answer = await page.request.get(`/api/vendor/apps/${appIdOf(page)}/uploads/${id}/raw`);
      expect(answer.status()).toBe(200);
      return answer.body();
    }),
  );
}

test("a photograph of 12 megapixels leaves as at most 500 kB, upright, and without the place where it was taken", async ({
  page,
}) => {
  await openNewApp(page, "Photo");
  await paste(page, { name: "beach.jpg", kind: "photo" });
  await isUploaded(page, 1);
  await expect(attachedFiles(page)).toContainText("beach.jpg");

  const [photo] = await sentBytes(page, "Create a todo app that looks like this");
  expect(photo!.length).toBeLessThanOrEqual(500_000);
  expect(photo!.subarray(0, 3).toString("hex")).toBe("ffd8ff");
  expect(photo!.includes("Exif")).toBe(false);
  expect(photo!.includes("GPS")).toBe(false);
  const picture = sentFiles(page).getByRole("img", { name: "beach.jpg" });
  await expect(picture).toBeVisible();
  const sides = await picture.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]);
  expect(sides).toEqual([1176, 1568]);
});

test("files that are dropped go out with the message, and pictures open large by keyboard", async ({ page }) => {
  await openNewApp(page, "Drop");
  await holdFiles(page, { name: "any.txt", type: "text/plain", text: "" });
  await expect(page.getByText("Drop files to attach them")).toBeVisible();
  await dropFiles(
    page,
    { name: "logo.png", kind: "logo", width: 400, height: 300 },
    { name: "drawing.svg", type: "image/svg+xml", text: DRAWING },
    { name: "ideas.md", type: "", text: "# Ideas\n" },
  );
  await expect(page.getByText("Drop files to attach them")).toBeHidden();
  await isUploaded(page, 3);

  const [logo, drawing, ideas] = await sentBytes(page, "Create a todo app with this logo");
  expect(logo!.subarray(1, 4).toString()).toBe("PNG");
  expect(drawing!.toString()).toBe(DRAWING);
  expect(ideas!.toString()).toBe("# Ideas\n");
  await finished(answers(page).first());
  await page.reload();
  await expect(sentFiles(page)).toContainText("ideas.md");
  const picture = sentFiles(page).getByRole("button", { name: "logo.png" });
  await picture.focus();
  await page.keyboard.press("Enter");
  const large = page.getByRole("dialog", { name: "logo.png" });
  await expect(large.getByRole("img", { name: "logo.png" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(large).toBeHidden();
  await expect(picture).toBeFocused();
});

test.describe("a picture that is none", () => {
  // What records a trace looks at such pictures in a way of its own.
  test.use({ expectedComplaint: /Connecting to 'blob:/ });

  test("is refused in words", async ({ page }) => {
    await openNewApp(page, "Unreadable");
    await dropFiles(
      page,
      { name: "IMG_1.heic", type: "image/heic", text: "ftypheic" },
      { name: "broken.png", type: "image/png", text: "no picture at all" },
    );

    const refusals = page.getByRole("region", { name: "Chat" }).getByRole("alert");
    await expect(refusals).toContainText("This browser cannot read HEIC pictures. Save IMG_1.heic as JPEG");
    await expect(refusals).toContainText("broken.png cannot be read. It is damaged, or not a picture.");
    await expect(attachedFiles(page)).toBeHidden();
  });
});

test.describe("an upload that does not arrive", () => {
  test.use({ expectedComplaint: /Failed to load resource|net::ERR/ });

  test("keeps the text, and is tried again", async ({ page }) => {
    await openNewApp(page, "Retry");
    await messageBox(page).fill("Create a todo app");
    let failures = 1;
    await page.route("**/*", (route) => (isForm(route.request()) && failures-- > 0 ? route.abort() : route.fallback()));
    await paste(page, { name: "shot.png", kind: "logo", width: 300, height: 200 });
    await expect(attachedFiles(page)).toContainText("The server cannot be reached.");
    await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();

    await page.getByRole("button", { name: "Try again: shot.png" }).click();
    await isUploaded(page, 1);
    await expect(messageBox(page)).toHaveValue("Create a todo app");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(sentFiles(page).getByRole("img", { name: "shot.png" })).toBeVisible();
  });

  test("leaves no message when the page is reloaded or closed meanwhile", async ({ page, context }) => {
    await openNewApp(page, "Closed");
    const address = page.url();
    await context.route("**/*", (route) => (isForm(route.request()) ? undefined : route.fallback()));
    await messageBox(page).fill("Create a todo app");
    await paste(page, { name: "shot.png", kind: "logo", width: 300, height: 200 });
    await expect(page.getByRole("progressbar", { name: "Uploading shot.png" })).toBeVisible();
    await messageBox(page).press("Enter");
    await page.reload();

    await expect(page.getByText("The upload of shot.png was interrupted. Attach it again.")).toBeVisible();
    await expect(messageBox(page)).toHaveValue("Create a todo app");
    await paste(page, { name: "shot.png", kind: "logo", width: 300, height: 200 });
    await expect(page.getByRole("progressbar", { name: "Uploading shot.png" })).toBeVisible();
    await page.close();

    const next = await context.newPage();
    await next.goto(address);
    await expect(messageBox(next)).toHaveValue("Create a todo app");
    await expect(attachedFiles(next)).toBeHidden();
    await expect(next.getByRole("article")).toHaveCount(0);
    const { sessions } = await (await next.request.get(`/api/vendor/ai-chat-v2?appId=${appIdOf(next)}`)).json();
    expect(sessions).toEqual([]);
  });
});

test("a picture that is pasted as the first goes with the message, however late what uploads it is loaded", async ({
  page,
}) => {
  let load = () => {};
  const gate = new Promise<void>((resolve) => (load = resolve));
  await page.route(/\/assets\/uploading-/, async (route) => {
    await gate;
    await route.continue();
  });
  await openNewApp(page, "Late");
  await messageBox(page).fill("Create a todo app");
  await paste(page, { name: "image.png", kind: "logo", width: 300, height: 200 });
  await messageBox(page).press("Enter");
  await expect(attachedFiles(page)).toContainText("Pasted picture 1.png");
  await expect(page.getByText("Can be sent when the files are uploaded")).toBeVisible();
  await expect(page.getByRole("article")).toHaveCount(0);
  load();
  await isUploaded(page, 1);

  await messageBox(page).press("Enter");
  await expect(sentFiles(page).getByRole("img", { name: "Pasted picture 1.png" })).toBeVisible();
});

test.describe("a picture that does not come", () => {
  test.use({ expectedComplaint: /Failed to load resource|net::ERR/ });

  test("is asked for again", async ({ page }) => {
    await openNewApp(page, "Lost");
    await paste(
      page,
      { name: "one.png", kind: "logo", width: 300, height: 200 },
      { name: "two.png", kind: "logo", width: 200, height: 300 },
    );
    await isUploaded(page, 2);
    await send(page, "Create a todo app");
    await finished(answers(page).first());
    let isDown = true;
    await page.route(/\/raw$/, (route) => (isDown ? route.abort() : route.fallback()));
    await page.reload();

    const again = sentFiles(page).getByRole("button", { name: "Try again: one.png could not be loaded" });
    await expect(again).toBeVisible();
    isDown = false;
    await again.click();
    await expect(sentFiles(page).getByRole("img", { name: "one.png" })).toBeVisible();
    await expect(sentFiles(page).getByRole("button", { name: "one.png" })).toBeFocused();
    await expect(sentFiles(page).getByRole("button", { name: "Try again: two.png could not be loaded" })).toBeVisible();
  });
});

test("a message is edited where it is, with its field in view", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 520 });
  await openNewApp(page, "Edit");
  await paste(page, { name: "one.png", kind: "logo", width: 300, height: 200 });
  await isUploaded(page, 1);
  await send(page, "Create a todo app");
  await finished(answers(page).first());
  const edit = page.getByRole("button", { name: "Edit and resend" });
  await edit.focus();
  await page.keyboard.press("Enter");

  const field = page.getByRole("textbox", { name: "Edit message" });
  await expect(field).toBeFocused();
  await expect(field).toBeInViewport({ ratio: 1 });
});

test("what is uploaded is in the draft after a reload", async ({ page }) => {
  await openNewApp(page, "Draft");
  await paste(page, { name: "shot.png", kind: "logo", width: 300, height: 200 });
  await isUploaded(page, 1);
  await page.reload();

  await isUploaded(page, 1);
  await expect(attachedFiles(page).locator("img")).toBeVisible();
  await page.getByRole("button", { name: "Remove shot.png" }).click();
  await expect(attachedFiles(page)).toBeHidden();
  await expect(messageBox(page)).toBeFocused();
});

test("on a phone one takes a photo or picks files, and nothing runs out of the screen @phone", async ({ page }) => {
  await openNewApp(page, "On the phone");
  await page.getByRole("button", { name: "Attach files" }).tap();
  await expect(page.getByRole("menuitem", { name: "Take a photo" })).toBeVisible();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("menuitem", { name: "Choose files" }).tap();
  await (await chooser).setFiles([
    {
      name: "a plan with quite a long name, as phones give them.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("Plan"),
    },
    { name: "list.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n") },
  ]);
  await isUploaded(page, 2);
  await paste(page, { name: "sketch.jpg", kind: "photo" });
  await isUploaded(page, 3);

  await send(page, "Create a todo app from this");
  await expect(sentFiles(page).getByRole("img", { name: "sketch.jpg" })).toBeVisible();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBe(0);
});
