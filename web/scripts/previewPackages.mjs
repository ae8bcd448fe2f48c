// Bundles the packages of packages.json as ES modules that share their common parts, for the preview's frame.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { build } from "esbuild";
import { ICON_BUCKETS, iconBucket } from "../preview/iconBucket.js";

const WEB = new URL("../", import.meta.url).pathname;
const require = createRequire(import.meta.url);

export const LIST = new URL("../../layers/core/aicode/packages.json", import.meta.url).pathname;

export function readPackages() {
  return JSON.parse(readFileSync(LIST, "utf8")).packages;
}

/** Bundles into `folder`; gives the file of each name that an app, or the frame, may import. */
export async function bundlePackages(folder) {
  const packages = readPackages();
  const icons = readIcons();
  const sources = new Map(icons.buckets.map((lines, bucket) => [`lucide-react/${bucket}`, lines.join("\n")]));
  sources.set("lucide-react/aliases", `export default ${JSON.stringify(icons.aliases)};`);
  sources.set("tailwindcss", 'import "@tailwindcss/browser";');
  for (const name of packages.flatMap((entry) => entry.imports)) sources.set(name, source(name));
  const result = await build({
    absWorkingDir: WEB,
    entryPoints: [...sources.keys()].map((name) => ({ in: `preview:${name}`, out: name.replaceAll("/", "__") })),
    outdir: folder,
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    // Names stay readable in React's warnings and in stacks.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    // react-refresh needs the development build of React, and its messages are the ones that help.
    define: { "process.env.NODE_ENV": '"development"' },
    metafile: true,
    logLevel: "warning",
    plugins: [virtual(sources)],
  });
  const files = new Map();
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    if (output.entryPoint) files.set(output.entryPoint.replace(/^preview:/, ""), basename(file));
  }
  for (const { aliases = [] } of packages) for (const { name, of } of aliases) files.set(name, files.get(of));
  return files;
}

/** A module that exports all of a package; of one in CommonJS the names must be listed. */
function source(name) {
  const quoted = JSON.stringify(name);
  if (!/^react(-dom)?(\/|$)/.test(name))
    return `export * from ${quoted};${hasDefault(name) ? `export { default } from ${quoted};` : ""}`;
  const names = Object.keys(require(name));
  return `import all from ${quoted}; export default all; export const { ${names.join(", ")} } = all;`;
}

function hasDefault(name) {
  const exported = require(name);
  return exported.default !== undefined || typeof exported === "function";
}

function virtual(sources) {
  return {
    name: "preview",
    setup(builder) {
      builder.onResolve({ filter: /^preview:/ }, ({ path }) => ({
        path: path.slice("preview:".length),
        namespace: "preview",
      }));
      builder.onLoad({ filter: /.*/, namespace: "preview" }, ({ path }) => ({
        contents: sources.get(path),
        resolveDir: WEB,
        loader: "js",
      }));
    },
  };
}

/** The icons in parts by their first name, and the first name of each further one. */
function readIcons() {
  const index = readFileSync(`${WEB}node_modules/lucide-react/dist/esm/lucide-react.mjs`, "utf8");
  const buckets = Array.from({ length: ICON_BUCKETS }, () => []);
  const aliases = {};
  for (const [, list, file] of index.matchAll(/^export \{ (default as .*) \} from '\.\/(icons\/.*)';$/gm)) {
    const names = list.split(", ").map((item) => item.replace("default as ", ""));
    // Each name comes as X, XIcon and LucideX: the frame takes off what is added.
    const bare = names.filter(
      (name) => !names.some((shorter) => name === `${shorter}Icon` || name === `Lucide${shorter}`),
    );
    const [first, ...others] = bare;
    for (const other of others) aliases[other] = first;
    buckets[iconBucket(first)].push(`export { default as ${first} } from "lucide-react/dist/esm/${file}";`);
  }
  return { buckets, aliases };
}
