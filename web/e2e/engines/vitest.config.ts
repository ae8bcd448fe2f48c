import { defineConfig } from "vitest/config";

// Browsers beside Chromium, one after the other: each wants the machine for itself.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
