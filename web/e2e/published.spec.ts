import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { png } from "../tests/png";
import { appNames, createApp, publish, readSite, STACK } from "./otherClient";
import { readSampleApps } from "./sampleApps";

const DEMO = join(import.meta.dirname, "../../dev/claude/demo/todo_app");
const GREEN = png(64, 48, [20, 140, 90]);

/** A page of a published app: it must stay quiet, and ask nobody but its own server. */
async function open(page: Page, address: string): Promise<string[]> {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin) complaints.push(request.url());
  });
  const answer = await page.goto(address);
  expect(answer?.headers()["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(answer?.headers()["set-cookie"]).toBeUndefined();
  return complaints;
}

function demoApp(): Map<string, string> {
  const paths = ["index.html", "package.json", "src/App.tsx", "src/main.tsx", "src/styles.css"];
  const all = [...paths, "src/components/TodoItem.tsx"];
  return new Map(all.map((path) => [path, readFileSync(join(DEMO, path), "utf8")]));
}

test("the demo app works at an address of its own, and shares nothing with the product", async ({ page }) => {
  const site = await publish(await createApp("Todo", demoApp()));
  expect(new URL(site.url).origin).not.toBe(new URL(STACK).origin);
  await page.goto("/");
  expect((await page.context().cookies(STACK)).map(({ name }) => name)).toContain("vendor_session");

  // In a tab of its own: what the product's page was still loading is no complaint about the site.
  const visit = await page.context().newPage();
  const complaints = await open(visit, site.url);

  await visit.getByRole("textbox").first().fill("Buy milk");
  await visit.keyboard.press("Enter");
  await expect(visit.getByText("Buy milk")).toBeVisible();
  expect(await visit.evaluate(() => document.cookie)).toBe("");
  expect(await visit.context().cookies(site.url)).toEqual([]);
  expect(complaints).toEqual([]);
});

test("a site can neither read nor change anything of the product, also where both are at 127.0.0.1", async ({
  page,
}) => {
  const appId = await createApp("Victim", demoApp());
  const { url } = await publish(appId);
  const product = STACK.replace("localhost", "127.0.0.1");
  await page.goto(product);
  expect((await page.context().cookies(product)).map(({ name }) => name)).toContain("vendor_session");
  await page.goto(url);

  const got = await page.evaluate(
    async ([apps, id]) => {
      const tried: [string, RequestInit][] = [
        [apps, {}],
        [`${apps}/${id}/publish`, { method: "DELETE" }],
        [`${apps}/${id}/publish`, { method: "POST", mode: "no-cors" }],
        [apps, { method: "POST", mode: "no-cors", headers: { "Content-Type": "text/plain" }, body: '{"name":"x"}' }],
        [apps, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"name":"x"}' }],
      ];
      const answers = tried.map(([address, asked]) =>
        fetch(address, { ...asked, credentials: "include" }).then(
          async (answer) => (answer.type === "opaque" ? "" : await answer.text()),
          () => "",
        ),
      );
      return [document.cookie, ...(await Promise.all(answers))];
    },
    [`${product}/api/vendor/apps`, appId] as const,
  );

  expect(got.join("")).toBe("");
  expect((await readSite(appId)).versions).toHaveLength(1);
  expect((await readSite(appId)).site?.url).toBe(url);
  expect(await appNames()).not.toContain("x");
  // By a form, which is a visit to the product.
  await page.evaluate((action) => {
    const form = Object.assign(document.createElement("form"), { action, method: "post" });
    document.body.append(form);
    form.submit();
  }, `${product}/api/vendor/apps/${appId}/publish`);
  await expect(page.getByText("forbidden_origin")).toBeVisible();
  expect((await readSite(appId)).versions).toHaveLength(1);
});

test("an app with a router goes on where it was after a reload", async ({ page }) => {
  const files = new Map<string, string | Buffer>([
    ["index.html", '<div id="root"></div><script type="module" src="/src/main.tsx"></script>'],
    [
      "src/main.tsx",
      `import { createRoot } from "react-dom/client";
import { BrowserRouter, Link, Route, Routes } from "react-router-dom";
import { Link as WouterLink, Route as WouterRoute } from "wouter";
createRoot(document.getElementById("root")!).render(
  <BrowserRouter>
    <Link to="/about/us">About</Link> <WouterLink href="/contact">Contact</WouterLink>
    <Routes>
      <Route path="/" element={<h1>Home</h1>} />
      <Route path="/about/:who" element={<h1>About us</h1>} />
      <Route path="*" element={null} />
    </Routes>
    <WouterRoute path="/contact"><h1>Contact us</h1></WouterRoute>
    <img alt="of code" src="/logo.png" />
  </BrowserRouter>,
);`,
    ],
    ["public/logo.png", GREEN],
  ]);
  const { url } = await publish(await createApp("Router", files));
  const complaints = await open(page, url);
  await expect(page.getByRole("heading", { name: "Home" })).toBeVisible();

  await page.getByRole("link", { name: "About" }).click();
  await expect(page).toHaveURL(`${url}about/us`);
  await page.reload();
  await expect(page.getByRole("heading", { name: "About us" })).toBeVisible();
  const width = () =>
    page.getByRole("img", { name: "of code" }).evaluate((image: HTMLImageElement) => image.naturalWidth);
  await expect.poll(width).toBe(64);

  await page.goto(`${url}contact`);
  await expect(page.getByRole("heading", { name: "Contact us" })).toBeVisible();
  await page.goto(url);
  await page.getByRole("link", { name: "Contact" }).click();
  await expect(page).toHaveURL(`${url}contact`);
  expect(complaints).toEqual([]);
});

test("the sample app with a router is published as it is previewed", async ({ page }) => {
  const { files = new Map<string, string>() } = readSampleApps().find(({ name }) => name === "router") ?? {};
  const { url } = await publish(await createApp("Sample", files));

  const complaints = await open(page, url);

  await expect(page.locator("body")).not.toBeEmpty();
  expect(complaints).toEqual([]);
});

test("classes of Tailwind look as they do in the preview", async ({ page }) => {
  const files = new Map([
    ["index.html", '<div id="root"></div><script type="module" src="/src/main.tsx"></script>'],
    ["src/index.css", '@import "tailwindcss";\n@theme { --color-brand: #12ab34; }\n.card { @apply p-6; }'],
    [
      "src/main.tsx",
      `import "./index.css";
import { createRoot } from "react-dom/client";
createRoot(document.getElementById("root")!).render(
  <h1 className="card bg-brand text-4xl font-bold">Hello</h1>,
);`,
    ],
  ]);
  const appId = await createApp("Tailwind", files);
  const { url } = await publish(appId);
  const look = (title: HTMLElement) => {
    const { backgroundColor, fontSize, fontWeight, padding, margin, lineHeight } = getComputedStyle(title);
    return { backgroundColor, fontSize, fontWeight, padding, margin, lineHeight };
  };

  const complaints = await open(page, url);
  const published = await page.getByRole("heading", { name: "Hello" }).evaluate(look);
  expect(complaints).toEqual([]);
  expect(published).toMatchObject({ backgroundColor: "rgb(18, 171, 52)", fontWeight: "700", padding: "24px" });

  await page.goto(`/?app=${appId}&view=preview`);
  const pane = page.getByRole("region", { name: "Preview" });
  const previewed = pane.frameLocator("iframe").getByRole("heading", { name: "Hello" });
  await expect(previewed).toBeVisible();
  await expect.poll(() => previewed.evaluate(look)).toEqual(published);
});
