import { LOOK, openShop } from "./asking";
import { answers, comeBack, finished, runningApp, send, view } from "./chat";
import { expect, test } from "./fixtures";

test.use({ expectedComplaint: /status of 4(04|09)/ });

const picture = (page: Parameters<typeof answers>[0]) =>
  page.getByRole("img", { name: "What Claude saw of the preview" });

test("Claude sees the preview and its console", async ({ page }) => {
  await openShop(page, "Look");
  await expect(runningApp(page).getByText("Bread and butter")).toBeVisible();

  await send(page, LOOK);

  await finished(answers(page).first());
  await expect(answers(page).first()).toContainText("I have the picture");
  await expect(answers(page).first()).toContainText("The shop is open");
  await expect(picture(page)).toBeVisible();
  expect(await redOf(picture(page))).toBeGreaterThan(100);
  await page.reload();
  await expect(picture(page)).toBeVisible();
});

test("a preview that is out of sight is seen too @phone", async ({ page }) => {
  await openShop(page, "Look on a phone");
  await expect(runningApp(page).getByText("Bread and butter")).toBeVisible();
  await view(page, "Chat").click();

  await send(page, LOOK);

  await finished(answers(page).first());
  await expect(answers(page).first()).toContainText("I have the picture");
});

test("without an open preview Claude is not offered the look", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: /Switch app/ }).click();
  await page.getByRole("button", { name: "New App" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Nothing to see");
  await page.getByRole("button", { name: "Create", exact: true }).click();

  await send(page, LOOK);

  await finished(answers(page).first());
  await expect(answers(page).first()).toContainText("no preview is open");
});

test("after a reload at that moment the page as it is then shows its preview", async ({ page }) => {
  await openShop(page, "Reload at a look");
  // The look is given up after 20 s, in which a busy machine may not have built the preview again.
  await expect(async () => {
    const before = await answers(page).count();
    await expect(runningApp(page).getByText("Bread and butter")).toBeVisible();
    // The page is away before its picture has arrived.
    await page.route("**/approvals/**", () => undefined, { times: 1 });
    const sent = page.waitForRequest("**/approvals/**");
    await send(page, LOOK);
    await sent;

    await page.reload();

    await finished(answers(page).nth(before));
    await expect(answers(page).nth(before)).toContainText("I have the picture", { timeout: 1 });
  }).toPass();
});

test("a tab that is closed at that moment leaves the look to another", async ({ page, context }) => {
  await openShop(page, "Closed at a look");
  await send(page, "What can you do?");
  await finished(answers(page).first());
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(runningApp(other).getByText("Bread and butter")).toBeVisible();
  await expect(answers(other)).toHaveCount(1);
  await page.bringToFront();
  await page.route("**/approvals/**", () => undefined);
  const sent = page.waitForRequest("**/approvals/**");
  await send(page, LOOK);
  await sent;

  await page.close();
  await other.bringToFront();
  await comeBack(other);

  await finished(answers(other).nth(1));
  await expect(answers(other).nth(1)).toContainText("I have the picture");
  await expect(picture(other)).toBeVisible();
});

test("a second tab with the preview stays quiet where the first answers", async ({ page, context }) => {
  await openShop(page, "Two previews");
  await expect(runningApp(page).getByText("Bread and butter")).toBeVisible();
  await send(page, LOOK);
  await finished(answers(page).first());
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(runningApp(other).getByText("Bread and butter")).toBeVisible();

  await page.bringToFront();
  await send(page, LOOK);
  await finished(answers(page).nth(1));

  await expect(answers(page).nth(1)).toContainText("I have the picture");
  await other.bringToFront();
  await comeBack(other);
  await finished(answers(other).nth(1));
  await expect(other.getByRole("alert")).toHaveCount(0);
});

/** How many of the picture's pixels are the red of the app's heading. */
async function redOf(shown: ReturnType<typeof picture>): Promise<number> {
  return shown.evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0);
    const { data = [] } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
    let red = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === 180 && data[at + 1] === 20 && data[at + 2] === 20) red += 1;
    }
    return red;
  });
}
