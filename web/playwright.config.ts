import { defineConfig } from "@playwright/test";
import { STACK } from "./e2e/otherClient";

/** The browser tests drive the stack at STACK_URL, or else the local one, which is started where it is not up. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  outputDir: "test-results",
  timeout: 300_000,
  expect: { timeout: 30_000 },
  workers: 1,
  retries: process.env.CI ? 1 : 0,
  reporter: [["list"]],
  ...(process.env.STACK_URL
    ? {}
    : {
        webServer: {
          command: "make dev",
          cwd: "..",
          url: `${STACK}/config.json`,
          // Each test makes an app of its own.
          env: { DATA_DIR: ".data/e2e", MAX_APPS: "1000" },
          reuseExistingServer: true,
          timeout: 300_000,
          gracefulShutdown: { signal: "SIGTERM" as const, timeout: 10_000 },
        },
      }),
  // A test is for a desktop unless it says "@phone", or "@anywhere" for both. What makes pictures or figures runs when asked.
  projects: [
    { name: "desktop", grepInvert: /@(phone|pictures|figures)/, use: { viewport: { width: 1440, height: 900 } } },
    {
      name: "phone",
      grep: /@(phone|anywhere)/,
      use: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
    },
    { name: "pictures", grep: /@pictures/ },
    { name: "figures", grep: /@figures/, use: { viewport: { width: 1440, height: 900 } } },
  ],
  use: {
    baseURL: STACK,
    trace: process.env.CI ? "on-first-retry" : "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
