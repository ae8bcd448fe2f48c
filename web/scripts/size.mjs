// Gzipped size of the JavaScript and CSS that the page needs before the editor, against its budget.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const html = readFileSync(join(dist, "index.html"), "utf8");
const budgets = { js: 180_000, css: 12_000 };
const entry = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1]);
const seen = new Set(entry);
for (const file of seen) {
  if (!file.endsWith(".js")) continue;
  const source = readFileSync(join(dist, file), "utf8");
  for (const match of source.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) seen.add(`assets/${match[1]}`);
}
for (const [kind, budget] of Object.entries(budgets)) {
  const files = [...seen].filter((file) => file.endsWith(`.${kind}`));
  const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 9 }).length, 0);
  console.log(
    `${kind} before the editor: ${(size / 1000).toFixed(1)} kB gzipped of ${budget / 1000} kB (${files.join(", ")})`,
  );
  if (size > budget) process.exitCode = 1;
}
