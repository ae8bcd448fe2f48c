import { type ChildProcess, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { Builder, By, Capabilities, Key, type WebDriver } from "selenium-webdriver";
import type { Engine } from "./engine";

const MINI_BROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

/** Debian's WebKit in its MiniBrowser, over WebDriver. It needs a display, which `xvfb-run` gives. */
export async function openWebKit(): Promise<Engine> {
  const port = await freePort();
  const server = spawn("WebKitWebDriver", [`--port=${port}`], { stdio: "ignore" });
  const driver = await connect(port, server);
  return {
    name: "webkit",
    open: async (url) => {
      await driver.get(url);
      await driver.executeScript(listen);
    },
    reload: async () => {
      await driver.navigate().refresh();
      await driver.executeScript(listen);
    },
    resize: async (width, height) => {
      // The window is as much larger than the page as its frame is.
      const inner: [number, number] = await driver.executeScript("return [innerWidth, innerHeight]");
      const outer = await driver.manage().window().getRect();
      await driver
        .manage()
        .window()
        .setRect({ x: 0, y: 0, width: width + outer.width - inner[0], height: height + outer.height - inner[1] });
    },
    run: (inPage, ...args) => driver.executeScript(`return (${inPage}).apply(null, arguments)`, ...args),
    runInFrame: (frame, inFrame, ...args) =>
      inside(driver, frame, () => driver.executeScript(`return (${inFrame}).apply(null, arguments)`, ...args)),
    click: (selector, frame) =>
      inside(driver, frame, async () => void (await driver.findElement(By.css(selector)).click())),
    type: (selector, text) => driver.findElement(By.css(selector)).sendKeys(text.replaceAll("\n", Key.ENTER)),
    screenshot: async (path) => writeFile(path, await driver.takeScreenshot(), "base64"),
    complaints: () => driver.executeScript("return (window.complaints ?? []).splice(0)"),
    close: async () => {
      await driver.quit();
      server.kill();
    },
  };
}

/** WebDriver tells nothing of the console, so the page notes its own complaints from the first moment it can. */
function listen() {
  const page = window as unknown as { complaints: string[] };
  page.complaints = [];
  const error = console.error.bind(console);
  console.error = (...said: unknown[]) => {
    page.complaints.push(said.map(String).join(" "));
    error(...said);
  };
  window.addEventListener("error", (event) => page.complaints.push(String(event.message)));
  window.addEventListener("unhandledrejection", (event) => page.complaints.push(String(event.reason)));
}

async function inside<Value>(driver: WebDriver, frame: string | undefined, act: () => Promise<Value>): Promise<Value> {
  if (!frame) return act();
  await driver.switchTo().frame(driver.findElement(By.css(frame)));
  try {
    return await act();
  } finally {
    await driver.switchTo().defaultContent();
  }
}

async function connect(port: number, server: ChildProcess): Promise<WebDriver> {
  const capabilities = new Capabilities({
    browserName: "MiniBrowser",
    "webkitgtk:browserOptions": { binary: MINI_BROWSER, args: ["--automation"] },
  });
  const builder = new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities);
  for (;;) {
    if (server.exitCode !== null) throw new Error("WebKitWebDriver has ended");
    try {
      return await builder.build();
    } catch (reason) {
      // It listens a moment after it was started.
      if (!/ECONNREFUSED/.test(String(reason))) throw reason;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
