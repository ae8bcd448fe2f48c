import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { contentPolicy } from "./scripts/contentPolicy.mjs";
import { localStack } from "./scripts/localStack.mjs";
import { previewPlugin } from "./scripts/preview.mjs";

const stack = `http://localhost:${process.env.PORT ?? 3000}`;

/** A shared chunk below this many bytes goes to its nearest neighbour. */
const SMALL_CHUNK = 20_000;
/** A chunk that many parts share is not called by all of them. */
const fileName = ({ name }: { name?: string | undefined }, ending: string) =>
  `assets/${(name ?? "file").split("~")[0]}-[hash]${ending}`;

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
      output: {
        chunkFileNames: (chunk) => fileName(chunk, ".js"),
        // What the page begins with is shared with many parts that come later. In a chunk for each set of these
        // it would be 50 files, which compress worse, and of which each costs a request.
        codeSplitting: {
          groups: [{ name: "page", tags: ["$initial"], entriesAware: true, entriesAwareMergeThreshold: SMALL_CHUNK }],
        },
      },
    },
  },
});
