import type { Locator, Page } from "@playwright/test";
import { png } from "../tests/png";
import { expectAccessible } from "./accessible";
import { comeBack } from "./chat";
import { expect, test } from "./fixtures";
import { createApp, readBytes, readFile, saveFile } from "./otherClient";
import { openApp } from "./previewStage";

const GREEN = png(64, 48, [20, 140, 90]);
const RED = png(32, 32, [200, 40, 40]);

const row = (page: Page, name: string) => page.getByRole("treeitem", { name, exact: true });
const drawnWidth = (picture: Locator) => picture.evaluate((image: HTMLImageElement) => image.naturalWidth);
/** The bytes of a font that no browser can use: enough to see that it is looked for where it is. */
const FONT = Buffer.from([0x77, 0x4f, 0x46, 0x32, 0, 1, 0, 0, 0xff, 0xfe]);

test("a picture is looked at in the editor, in its latest version, and can be downloaded", async ({ page }) => {
  const files = new Map([
    ["public/logo.png", GREEN],
    ["public/letters.woff2", FONT],
  ]);
  const appId = await createApp("Pictures", files);
  await page.goto(`/?app=${appId}&view=code`);
  await row(page, "logo.png").click();
  const picture = page.getByRole("img", { name: "public/logo.png" });
  await expect.poll(() => drawnWidth(picture)).toBe(64);
  await expect(page.getByText(/^64 × 48, \d+ B, image\/png$/)).toBeVisible();
  await expectAccessible(page);
  const behind = () => picture.evaluate((image) => getComputedStyle(image).backgroundImage);
  const inTheLight = await behind();
  await page.emulateMedia({ colorScheme: "dark" });
  expect(inTheLight).toContain("gradient");
  expect(await behind()).toBe(inTheLight);
  await page.emulateMedia({ colorScheme: "light" });

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download", exact: true }).click();
  expect((await download).suggestedFilename()).toBe("logo.png");

  await saveFile(appId, "public/logo.png", RED);
  await comeBack(page);
  await expect(page.getByText(/^32 × 32, \d+ B, image\/png$/)).toBeVisible();

  await row(page, "letters.woff2").click();
  await expect(page.getByText("10 B, font/woff2")).toBeVisible();
  await expect(picture).toBeHidden();
  await expectAccessible(page);
});

test("an app in the preview shows its pictures, wherever they are named, and their changes", async ({ page }) => {
  const stage = await openApp(
    page,
    "Gallery",
    new Map<string, string | Buffer>([
      [
        "index.html",
        '<img alt="of the page" src="public/page.png"><div id="root"></div><script type="module" src="/src/main.tsx"></script>',
      ],
      [
        "src/main.tsx",
        'import { createRoot } from "react-dom/client";\nimport App from "./App";\nimport "./app.css";\ncreateRoot(document.getElementById("root")!).render(<App />);',
      ],
      [
        "src/App.tsx",
        `import { useState } from "react";
import logo from "./logo.png";
const number = 1;
export default function App() {
  const [count, setCount] = useState(0);
  return (
    <main>
      <button onClick={() => setCount(count + 1)}>Counted {count}</button>
      <img alt="imported" src={logo} />
      <img alt="by address" src="/a.png" />
      <img alt="put together" src={\`/photos/\${number}.png\`} />
      <div className="framed">framed</div>
      <div style={{ backgroundImage: "url(/styled.png)" }}>styled</div>
      <div className="bg-[url('/styled.png')]">by class</div>
    </main>
  );
}`,
      ],
      [
        "src/app.css",
        '@font-face { font-family: "Own"; src: url("./letters.woff2?v=1") format("woff2") }\n.framed { background-image: url("../public/a.png") }',
      ],
      ["src/letters.woff2", FONT],
      ["src/logo.png", GREEN],
      ["public/a.png", GREEN],
      ["public/page.png", GREEN],
      ["public/styled.png", GREEN],
      ["package.json", '{ "dependencies": { "tailwindcss": "4" } }'],
      ["public/photos/1.png", GREEN],
    ]),
  );
  for (const name of ["of the page", "imported", "by address", "put together"]) {
    await expect.poll(() => drawnWidth(stage.app.getByAltText(name)), name).toBe(64);
  }
  for (const text of ["framed", "styled", "by class"]) {
    await expect(stage.app.getByText(text)).toHaveCSS("background-image", /^url\("data:image\/png;base64,/);
  }
  const fonts = () =>
    stage.app.locator("style").evaluateAll((styles) => styles.map((style) => style.textContent).join(""));
  expect(await fonts()).toContain('src: url("data:font/woff2;base64,');

  await stage.app.getByRole("button").click();
  await stage.edit("src/logo.png", RED);
  await expect.poll(() => drawnWidth(stage.app.getByAltText("imported"))).toBe(32);
  await stage.edit("public/a.png", RED);
  await expect.poll(() => drawnWidth(stage.app.getByAltText("by address"))).toBe(32);
  await expect(stage.app.getByRole("button")).toHaveText("Counted 1");
  await stage.edit("public/styled.png", RED);
  await expect(stage.app.getByText("styled")).toHaveCSS(
    "background-image",
    `url("data:image/png;base64,${RED.toString("base64")}")`,
  );
});

test("files that are held over the tree light up what they would fall into", async ({ page }) => {
  const files = ["top.txt", "public/about.txt"].map((path) => [path, "text"] as const);
  await page.goto(`/?app=${await createApp("Held", new Map(files))}&view=code`);
  const pane = page.getByRole("region", { name: "Files", exact: true });
  const folder = row(page, "public");
  await expect(row(page, "about.txt")).toBeVisible();
  const dragged = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["text"], "held.txt"));
    return transfer;
  });
  const isLit = (place: Locator) =>
    place.evaluate((element) => /rgb.* 0px 0px 0px [12]px/.test(getComputedStyle(element).boxShadow));
  const lit = async () => ({ pane: await isLit(pane), folder: await isLit(folder) });
  const hold = (over: Locator) => over.dispatchEvent("dragover", { dataTransfer: dragged });

  expect(await lit()).toEqual({ pane: false, folder: false });
  for (const place of [page.getByRole("tree"), row(page, "top.txt"), page.getByRole("heading", { name: /^Files/ })]) {
    await hold(place);
    await expect.poll(lit).toEqual({ pane: true, folder: false });
    await pane.dispatchEvent("dragleave", { dataTransfer: dragged });
    await expect.poll(lit).toEqual({ pane: false, folder: false });
  }
  for (const place of [folder, row(page, "about.txt")]) {
    await hold(place);
    await expect.poll(lit).toEqual({ pane: false, folder: true });
  }
  await row(page, "about.txt").dispatchEvent("drop", { dataTransfer: dragged });
  await expect(row(page, "held.txt")).toBeVisible();
  await expect.poll(lit).toEqual({ pane: false, folder: false });
});

test("the tab of a file with a long name can be closed on a phone @phone", async ({ page }) => {
  const path = `public/${"a-photograph-with-a-long-name-".repeat(3)}.png`;
  await page.goto(
    `/?app=${await createApp(
      "Long names",
      new Map([
        [path, GREEN],
        ["a.png", RED],
      ]),
    )}&view=code`,
  );
  await page.getByRole("button", { name: "Show files" }).click();
  await row(page, "a.png").click();
  await page.getByRole("button", { name: "Show files" }).click();
  await page.getByRole("treeitem", { name: /^a-photograph/ }).click();
  await expect(page.getByRole("img", { name: path })).toBeVisible();

  const cross = page.getByTitle(`Close ${path}`);
  await expect(cross).toBeInViewport({ ratio: 0.99 });
  await cross.click();
  await expect(page.getByRole("tab")).toHaveCount(1);
});

test("files that are dropped on the tree are in the app, byte for byte", async ({ page }) => {
  const appId = await createApp("Dropped", new Map([["public/about.txt", "about"]]));
  await page.goto(`/?app=${appId}&view=code`);
  await expect(row(page, "public")).toBeVisible();
  const drop = async (name: string, type: string, bytes: Buffer) => {
    const dragged = await page.evaluateHandle(
      ([name, type, bytes]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
        return transfer;
      },
      [name, type, [...bytes]] as const,
    );
    await row(page, "public").dispatchEvent("dragover", { dataTransfer: dragged });
    await row(page, "public").dispatchEvent("drop", { dataTransfer: dragged });
  };

  await drop("logo.png", "image/png", GREEN);
  await expect(page.getByText(/^64 × 48, /)).toBeVisible();
  expect((await readBytes(appId, "public/logo.png")).equals(GREEN)).toBe(true);
  await drop("main.ts", "video/mp2t", Buffer.from("export const a = 1;\n"));
  await expect(row(page, "main.ts")).toBeVisible();
  expect(await readFile(appId, "public/main.ts")).toBe("export const a = 1;\n");

  await drop("logo.png", "image/png", RED);
  await page.getByRole("dialog", { name: "Replace public/logo.png?" }).getByRole("button", { name: "Replace" }).click();
  await expect(page.getByText(/^32 × 32, /)).toBeVisible();
  await drop("film.mp4", "video/mp4", Buffer.alloc(1_000_001));
  await expect(page.getByText("film.mp4 is larger than 1 MB")).toBeVisible();
});
