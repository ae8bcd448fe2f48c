import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  test: {
    environment: "happy-dom",
    // The tests talk to a server on another port of this machine.
    environmentOptions: { happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } } },
    include: ["tests/**/*.test.{ts,tsx}"],
    // The parser inside of sucrase is written for bundlers.
    server: { deps: { inline: ["sucrase"] } },
    testTimeout: 20_000,
    expect: { poll: { timeout: 8000 } },
    setupFiles: ["tests/setup.ts"],
  },
});
