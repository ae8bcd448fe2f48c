import { expect, test } from "./fixtures";
import { play } from "./playSample";
import { openApp } from "./previewStage";
import { readSampleApps, type SampleApp } from "./sampleApps";

// A trace looks into every frame, and would wait for one in an endless loop.
test.use({ trace: "off" });

/** What an app complains about in the browser's own console is its own affair: the page's preview shows it. */
const complaints = ({ expected }: SampleApp) => (expected.problem ? /./ : null);

for (const sample of readSampleApps()) {
  test.describe(() => {
    test.use({ expectedComplaint: complaints(sample) });

    test(`the sample app "${sample.name}" shows what it must @anywhere`, async ({ page }) => {
      const stage = await openApp(page, sample.name, sample.files);
      await play(sample, stage);
    });
  });
}

test("an endless loop in the app leaves the page alone, and the vendor can stop it", async ({ page }) => {
  const sample = readSampleApps().find(({ name }) => name === "endless-loop");
  const stage = await openApp(page, "loop", sample?.files ?? new Map());
  await stage.app.getByText("Find primes").evaluate((button: HTMLElement) => void setTimeout(() => button.click()));
  await stage.expectProblem({ kind: "unresponsive" });

  const longest = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const gaps: number[] = [];
        let before = performance.now();
        const timer = setInterval(() => {
          const now = performance.now();
          gaps.push(now - before);
          before = now;
          if (gaps.length < 20) return;
          clearInterval(timer);
          resolve(Math.max(...gaps));
        }, 50);
      }),
  );
  // The loop runs for ten seconds: a page that shared its process would have stood still for seconds.
  expect(longest).toBeLessThan(1500);
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.locator("iframe")).toHaveCount(0);
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(stage.app.getByText("0 primes")).toBeVisible();
});

test("an edit keeps the app's state, a mistake keeps the app, and other hooks begin anew", async ({ page }) => {
  const counter = (text: string, more = "") =>
    `import { useState } from "react";\nexport default function App() {\n  const [n, setN] = useState(0);${more}\n  return <button onClick={() => setN(n + 1)}>${text} {n}</button>;\n}`;
  const stage = await openApp(page, "state", new Map([["src/App.tsx", counter("Count")]]));
  await stage.app.getByText("Count 0").click();
  await expect(stage.app.getByText("Count 1")).toBeVisible();

  await stage.edit("src/App.tsx", counter("Number"));
  await expect(stage.app.getByText("Number 1")).toBeVisible();
  await stage.edit("src/App.tsx", counter("Number").replace("return <", "return <<"));
  await stage.expectProblem({ kind: "syntax", at: { path: "src/App.tsx", line: 4 } });
  await expect(stage.app.getByText("Number 1")).toBeVisible();
  await stage.edit("src/App.tsx", counter("Sum", "\n  useState(1);"));
  await expect(stage.app.getByText("Sum 0")).toBeVisible();
  await stage.expectProblem(null);
});

test("pages without React work with their scripts, styles and links", async ({ page }) => {
  const files = new Map([
    [
      "index.html",
      '<!doctype html><title>Plain</title><link rel="stylesheet" href="css/a.css"><h1>Home</h1><a href="about.html">About us</a><p id="n"></p><script src="js/a.js"></script><script>show(words)</script>',
    ],
    ["about.html", "<h1>About</h1><a href='index.html#n'>Home page</a>"],
    ["css/a.css", "h1 { color: rgb(1, 2, 3) }"],
    [
      "js/a.js",
      'const words = "from a file"; document.addEventListener("DOMContentLoaded", () => document.body.append(" loaded")); function show(text) { document.getElementById("n").textContent = text; }',
    ],
  ]);
  const stage = await openApp(page, "plain", files);
  await expect(stage.app.getByText("from a file")).toBeVisible();
  await expect(stage.app.locator("body")).toContainText("loaded");
  await expect(stage.app.locator("h1")).toHaveCSS("color", "rgb(1, 2, 3)");

  await stage.app.getByText("About us").click();
  await expect(stage.app.getByRole("heading", { name: "About" })).toBeVisible();
  await stage.expectRoute("/about.html");
  await stage.back();
  await expect(stage.app.getByRole("heading", { name: "Home" })).toBeVisible();
});

test("an app that goes where it should not is brought back, and the page stays", async ({ page }) => {
  const app = `
    import { HashRouter, Link, Route, Routes } from "react-router";
    export default function App() {
      return (
        <HashRouter>
          <button onClick={() => { window.location.href = "/api/vendor/apps"; }}>Leave</button>
          <Link to="/inside">Inside</Link>
          <Routes>
            <Route path="/" element={<p>At home</p>} />
            <Route path="/inside" element={<p>Inside it</p>} />
          </Routes>
        </HashRouter>
      );
    }`;
  const stage = await openApp(page, "away", new Map([["src/App.tsx", app]]));
  await stage.app.getByText("Inside", { exact: true }).click();
  await expect(stage.app.getByText("Inside it")).toBeVisible();
  await stage.expectRoute("/#/inside");

  await stage.app.getByText("Leave").click();
  await expect(stage.app.getByText("At home")).toBeVisible();
  await stage.expectRoute("/api/vendor/apps");
});

test.describe(() => {
  test.use({ expectedComplaint: /./ });

  test("an app can reach nothing of the vendor's", async ({ page }) => {
    const app = `
      const tried = async (name: string, act: () => unknown) => {
        let outcome = "reached";
        try { await act(); } catch (error) { outcome = "refused"; }
        document.body.append(name + ": " + outcome + "; ");
      };
      const real = window["location"];
      await tried("page", () => parent.document.body);
      await tried("cookie", () => Object.getOwnPropertyDescriptor(Document.prototype, "cookie")!.get!.call(document));
      await tried("database", () => { if (!indexedDB.open("x")) throw 1; });
      await tried("api", () => XMLHttpRequest && new Promise((done, fail) => {
        const request = new XMLHttpRequest();
        request.onload = done;
        request.onerror = fail;
        request.open("GET", new URL("/api/vendor/apps", real.href));
        request.send();
      }));
      await tried("top", () => { top!.location.href = "about:blank"; throw new Error("not at once"); });
      parent.postMessage({ type: "console", level: "error", text: "forged", stack: "" }, "*");
      parent.postMessage({ type: "error", kind: "event", message: "forged", stack: "", nonce: "1" }, "*");
      document.body.append("done");`;
    const stage = await openApp(page, "hostile", new Map([["src/main.ts", app]]));

    await expect(stage.app.locator("body")).toContainText("done");
    await expect(stage.app.locator("body")).not.toContainText("reached");
    await expect(page.getByText("forged")).toHaveCount(0);
    await expect(page).toHaveURL(/[?]app=/);
  });
});

test("in a tab of its own the app follows the files, and is there after a reload", async ({ page, context }) => {
  const text = (words: string) => `export default () => <h1>${words}</h1>;`;
  const stage = await openApp(page, "tab", new Map([["src/App.tsx", text("First")]]));
  await expect(stage.app.getByText("First")).toBeVisible();
  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "Open in a new tab" }).click();
  const tab = await opened;
  const alone = tab.frameLocator("iframe");

  await expect(alone.getByText("First")).toBeVisible();
  await page.bringToFront();
  await stage.edit("src/App.tsx", text("Second"));
  await expect(stage.app.getByText("Second")).toBeVisible();
  await tab.bringToFront();
  await expect(alone.getByText("Second")).toBeVisible();
  await tab.reload();
  await expect(alone.getByText("Second")).toBeVisible();
});

test.describe(() => {
  test.use({ expectedComplaint: /A loop has run/ });

  test("an edit behind an endless loop is run in a frame of its own, and leaves no alarm", async ({ page }) => {
    const says = (text: string) => `export default function App() {\n  return <p>${text}</p>;\n}\n`;
    // It hangs before the change is there, which waits for a pause in typing, and is not known to hang yet.
    const loop = 'console.log("soon");\nsetTimeout(() => {\n  while (true) {}\n}, 50);\n';
    const stage = await openApp(page, "behind a loop", new Map([["src/App.tsx", loop + says("Before")]]));
    await stage.expectConsole("soon");
    await stage.edit("src/App.tsx", says("After"));

    await expect(stage.app.getByText("After")).toBeVisible();
    await stage.expectProblem(null);
  });
});
