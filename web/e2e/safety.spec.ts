import { answers, finished, openNewApp, send } from "./chat";
import { expect, test } from "./fixtures";

const BEACON = "https://collector.example";

/** What an answer might hold that was led astray by a web page or a file. */
const HOSTILE = [
  `![a](${BEACON}/a.png) ![b][b] [click](javascript:alert(1)) <javascript:alert(2)> [data](data:text/html,x)`,
  `[b]: ${BEACON}/b.png`,
  `<script>window.ran = 1</script><img src="${BEACON}/c.png" onerror="window.ran = 2"><iframe src="${BEACON}"></iframe>`,
  `<style>body { display: none }</style><link rel="stylesheet" href="${BEACON}/d.css"><base href="${BEACON}/">`,
  `<div style="position: fixed; inset: 0; background: url(${BEACON}/e.png)">over all</div><svg onload="window.ran = 3"></svg>`,
  `<meta http-equiv="refresh" content="0;url=${BEACON}"><form action="${BEACON}"><button>Sign in</button></form>`,
  "[good](https://good.example/page) [plain](http://good.example)",
  `[good.example](https://good.example@collector.example) [report](${BEACON}/?${"s3cr3t".repeat(20)})`,
].join("\n\n");

test("an answer cannot run anything, load from elsewhere, or cover the page @anywhere", async ({ page }) => {
  await openNewApp(page, "Hostile");
  await send(page, "Hello");
  await finished(answers(page).first());
  // In place of the stored answer: no model of ours says such things.
  await page.route(/ai-chat-v2\?sessionId=/, async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { session: { title: string; messages: unknown[] } };
    const said = (role: string, text: string) => ({
      id: `h-${role}`,
      turnId: 1,
      role,
      content: [{ type: "text", text }],
      createdAt: 1,
    });
    body.session.title = "<img src=x onerror='window.ran = 4'>";
    body.session.messages = [said("user", HOSTILE), said("assistant", HOSTILE)];
    await route.fulfill({ response, json: body });
  });

  await page.reload();
  const answer = answers(page).first();
  await expect(answer.getByRole("link", { name: "good" })).toBeVisible();

  expect(
    await answer.getByRole("link").evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href)),
  ).toEqual(["https://good.example/page", `${BEACON}/`]);
  await expect(answer.getByRole("link", { name: "good.example (collector.example)" })).toBeVisible();
  await expect(answer.locator("img, iframe, script, style, svg:not([aria-hidden]), form, [style]")).toHaveCount(0);
  expect(await page.evaluate(() => (window as { ran?: number }).ran)).toBeUndefined();
  await expect(page.getByRole("textbox", { name: "Message" })).toBeInViewport();

  const address = `${BEACON}/?${"s3cr3t".repeat(20)}`;
  const asking = answer.getByRole("button", { name: "report (collector.example)" });
  const dialog = page.getByRole("dialog", { name: "Open this address?" });
  await page.context().route(`${BEACON}/**`, (route) => route.fulfill({ body: "There." }));
  await asking.focus();
  await page.keyboard.press("Enter");
  await expect(dialog.getByText(address, { exact: true })).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(asking).toBeFocused();
  expect(page.context().pages()).toHaveLength(1);

  await page.keyboard.press("Enter");
  const opening = page.context().waitForEvent("page");
  await dialog.getByRole("button", { name: "Open" }).press("Enter");
  const opened = await opening;
  await expect(opened).toHaveURL(address);
  expect(await opened.evaluate(() => window.opener)).toBeNull();
  await expect(asking).toBeFocused();
});
