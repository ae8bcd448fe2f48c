import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { contentPolicy } from "./scripts/contentPolicy.mjs";
import { localStack } from "./scripts/localStack.mjs";
import { pageChunks } from "./scripts/pageChunks.mjs";
import { previewPlugin } from "./scripts/preview.mjs";

const stack = `http://localhost:${process.env.PORT ?? 3000}`;

export default defineConfig({
  plugins: [react(), tailwindcss(), contentPolicy(), previewPlugin(), localStack(stack)],
  worker: { format: "es" },
  build: {
    target: "es2022",
    // Monaco and its TypeScript worker are large by nature; `npm run size` holds the real budget.
    chunkSizeWarningLimit: 8000,
    // How long each plugin took is nothing to whoever types `make dev`.
    rolldownOptions: {
      input: ["index.html", "preview/tab.html"],
      checks: { bundlerTimings: false },
      output: { codeSplitting: { groups: pageChunks("index.html", "preview/tab.html") } },
    },
  },
});
