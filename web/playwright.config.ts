import { defineConfig } from "@playwright/test";

const baseURL = process.env.BASE_URL ?? "http://localhost:3000";

/** The browser tests drive the stack at BASE_URL, or else the local one, which is started where it is not up. */
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 1,
  reporter: [["list"]],
  ...(process.env.BASE_URL
    ? {}
    : {
        webServer: {
          command: "make dev",
          cwd: "..",
          url: `${baseURL}/config.json`,
          env: { DATA_DIR: ".data/e2e" },
          reuseExistingServer: true,
          timeout: 180_000,
          gracefulShutdown: { signal: "SIGTERM" as const, timeout: 10_000 },
        },
      }),
  use: {
    baseURL,
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
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
