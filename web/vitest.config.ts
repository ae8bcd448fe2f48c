import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  test: {
    environment: "happy-dom",
    environmentOptions: {
      happyDOM: {
        settings: {
          // The tests talk to a server on another port of this machine.
          fetch: { disableSameOriginPolicy: true },
          // As a WebKit, which it says it is by itself, it would have Monaco begin to write to the clipboard at each
          // click, and cancel that at the next one: a rejection that no test has to do with.
          navigator: { userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36" },
        },
      },
    },
    include: ["tests/**/*.test.{ts,tsx}"],
    // The parser inside of sucrase is written for bundlers.
    server: { deps: { inline: ["sucrase"] } },
    testTimeout: 20_000,
    expect: { poll: { timeout: 8000 } },
    setupFiles: ["tests/setup.ts"],
  },
});
