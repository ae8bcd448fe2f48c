// What one keystroke costs in a large file with six such files open, in Chromium on the built page: the work of
// the page's scripts, and the time from the key to the painted frame. `node scripts/typing.mjs [kB per file] [built page]`
import { chromium } from "@playwright/test";
import { serve } from "../tests/standin.mjs";

const KEYS = 60;
const size = Number(process.argv[2] ?? 300) * 1000;
const dist = process.argv[3] ?? new URL("../dist", import.meta.url).pathname;
const server = await serve({ dist });
const app = server.apps.get("demo-app");
const line = (index) => `export const value${index} = { name: "value ${index}", items: [${index}, ${index + 1}] };\n`;
const text = Array.from({ length: Math.ceil(size / line(10_000).length) }, (_, index) => line(index)).join("");
// Plain text, since this is about the page: Monaco's colours and checks cost what they cost.
const paths = Array.from({ length: 6 }, (_, index) => `notes${index}.txt`);
for (const path of paths) server.write(app, path, text);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(server.url);
  await page.getByRole("button", { name: "Code", exact: true }).click();
  for (const path of paths) {
    await page.getByRole("treeitem", { name: path }).click();
    await page.getByRole("tab", { name: path, selected: true }).waitFor();
  }
  await page.locator(".monaco-editor .view-line").first().click();
  await page.evaluate(() => {
    window.times = [];
    document.addEventListener(
      "keydown",
      () => {
        const pressed = performance.now();
        requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - pressed)));
      },
      { capture: true },
    );
  });
  const metrics = await page.context().newCDPSession(page);
  await metrics.send("Performance.enable");
  const worked = async () =>
    (await metrics.send("Performance.getMetrics")).metrics.find(({ name }) => name === "ScriptDuration")?.value ?? 0;
  const before = await worked();
  for (let key = 0; key < KEYS; key += 1) {
    await page.keyboard.press("x");
    await page.waitForFunction((count) => window.times.length >= count, key + 1);
  }
  const work = ((await worked()) - before) * 1000;
  const times = (await page.evaluate(() => window.times)).sort((a, b) => a - b);
  const at = (share) => `${times[Math.min(KEYS - 1, Math.floor(KEYS * share))].toFixed(1)} ms`;
  const typed = await page.locator(".monaco-editor .view-lines").textContent();
  if (!typed.includes("x".repeat(KEYS))) throw new Error("what was typed did not reach the editor");
  console.log(
    `a keystroke with ${paths.length} tabs of ${size / 1000} kB: ${(work / KEYS).toFixed(1)} ms of script; ` +
      `to the painted frame ${at(0.5)} in the median, ${at(0.95)} at p95, ${at(1)} at worst`,
  );
} finally {
  await browser.close();
  await server.close();
}
