import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { openApp } from "./previewStage";
import { readSampleApps } from "./sampleApps";

test.use({ trace: "off" });

const COMPONENTS = 61;
const EDITS = 30;

test("how long the preview takes to its first paint, and from an edit to the paint @figures", async ({ page }) => {
  const charts = readSampleApps().find(({ name }) => name === "charts")?.files ?? new Map<string, string>();
  await keepMeasures(page);
  const first: number[] = [];
  for (let run = 0; run < 5; run++) {
    const { app } = await openApp(page, "charts", charts);
    await expect(app.getByText("Sales this year")).toBeVisible();
    await expect.poll(async () => (await paints(page)).length).toBeGreaterThan(0);
    first.push((await paints(page))[0] ?? Number.NaN);
  }

  const files = manyFiles();
  const stage = await openApp(page, "64 files", files);
  await expect(stage.app.getByText("text 0").first()).toBeVisible();
  const edits: number[] = [];
  for (let edit = 1; edit <= EDITS; edit++) {
    const before = (await paints(page)).length;
    await stage.edit("src/C7.tsx", component(7, `text ${edit}`));
    await expect(stage.app.getByText(`text ${edit}`, { exact: true })).toBeVisible();
    await expect.poll(async () => (await paints(page)).length).toBeGreaterThan(before);
    edits.push((await paints(page)).at(-1) ?? Number.NaN);
  }

  print("first paint with charts and motion, from the engine's start", median(first), 500);
  print(`edit to paint, ${files.size} files, median of ${EDITS}`, median(edits), 50);
});

/** Keeps the engine's own measures: from its start, or from new files, to the frame's word that they are painted. */
async function keepMeasures(page: Page): Promise<void> {
  await page.addInitScript(() => {
    if (window.top !== window) return;
    const times: number[] = [];
    Object.assign(window, { previewPaints: times });
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) if (name === "preview paint") times.push(duration);
    }).observe({ type: "measure" });
  });
}

function paints(page: Page): Promise<number[]> {
  return page.evaluate(() => (window as unknown as { previewPaints: number[] }).previewPaints);
}

function manyFiles(): Map<string, string> {
  const numbers = Array.from({ length: COMPONENTS }, (_, at) => at);
  const imports = numbers.map((at) => `import { C${at} } from "./C${at}";`).join("\n");
  const uses = numbers.map((at) => `<C${at} />`).join("");
  return new Map([
    [
      "src/main.tsx",
      'import { createRoot } from "react-dom/client";\nimport App from "./App";\ncreateRoot(document.getElementById("root")!).render(<App />);',
    ],
    ["src/App.tsx", `${imports}\nexport default function App() {\n  return <main>${uses}</main>;\n}`],
    ["src/label.ts", 'export const label = "label";'],
    ...numbers.map((at): [string, string] => [`src/C${at}.tsx`, component(at, "text 0")]),
  ]);
}

function component(at: number, text: string): string {
  const lines = Array.from(
    { length: 25 },
    (_, n) => `  const v${n} = items.filter((item) => item.length > ${n}).length;`,
  );
  const sum = lines.map((_, n) => `v${n}`).join(" + ");
  return `import { useState } from "react";\nimport { label } from "./label";\nexport function C${at}({ items = [] }: { items?: string[] }) {\n  const [open, setOpen] = useState(false);\n${lines.join("\n")}\n  return (\n    <section className="card">\n      <h2>{label}</h2>\n      <p>${text}</p>\n      {open && <p>{${sum}}</p>}\n      <button type="button" onClick={() => setOpen(!open)}>toggle</button>\n    </section>\n  );\n}`;
}

function median(values: number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function print(what: string, value: number, goal: number): void {
  console.log(`${what}: ${value.toFixed(0)} ms (goal ${goal} ms)`);
}
