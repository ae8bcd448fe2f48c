import { launch, type Page } from "puppeteer-core";
import type { Engine } from "./engine";

/** Debian's Firefox, over WebDriver BiDi. */
export async function openFirefox(executablePath = "/usr/bin/firefox-esr"): Promise<Engine> {
  const browser = await launch({ browser: "firefox", executablePath, headless: true });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return {
    name: "firefox",
    open: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    resize: (width, height) => page.setViewport({ width, height }),
    run: (inPage, ...args) => page.evaluate(inPage as never, ...(args as unknown as never[])) as never,
    runInFrame: async (frame, inFrame, ...args) =>
      (await frameOf(page, frame)).evaluate(inFrame as never, ...(args as unknown as never[])) as never,
    click: async (selector, frame) => {
      const scope = frame ? await frameOf(page, frame) : page;
      await scope.locator(selector).click();
    },
    type: async (selector, text) => {
      await page.focus(selector);
      await page.keyboard.type(text);
    },
    screenshot: async (path) => void (await page.screenshot({ path: path as `${string}.png` })),
    complaints: async () => complaints.splice(0),
    close: () => browser.close(),
  };
}

async function frameOf(page: Page, selector: string) {
  const element = await page.waitForSelector(selector);
  const frame = await element?.contentFrame();
  if (!frame) throw new Error(`${selector} is not a frame`);
  return frame;
}
