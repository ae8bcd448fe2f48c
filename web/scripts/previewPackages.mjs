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

/**
 * Bundles into `folder`; gives for each name that an app, or the frame, may import
 * its file and those that this one needs, so that all can be asked for at once.
 */
export async function bundlePackages(folder) {
  const packages = readPackages();
  const sources = new Map(readIcons().map((code, bucket) => [`lucide-react/${bucket}`, code]));
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
    minify: true,
    legalComments: "none",
    // react-refresh needs the development build of React, and its messages are the ones that help.
    define: {
      "process.env.NODE_ENV": '"development"',
      // A router changes the app's location, which is not the frame's.
      location: "globalThis.previewLocation",
      "window.location": "globalThis.previewLocation",
      "document.location": "globalThis.previewLocation",
      "document.defaultView": "globalThis.previewWindow",
    },
    metafile: true,
    logLevel: "warning",
    plugins: [virtual(sources)],
  });
  const { outputs } = result.metafile;
  const files = new Map();
  for (const [file, output] of Object.entries(outputs)) {
    if (!output.entryPoint) continue;
    files.set(
      output.entryPoint.replace(/^preview:/, ""),
      [...needed(file, outputs)].map((path) => basename(path)),
    );
  }
  for (const { aliases = [] } of packages) for (const { name, of } of aliases) files.set(name, files.get(of));
  return files;
}

/** A file of the build and all that it imports, itself first. */
function needed(file, outputs, known = new Set()) {
  if (known.has(file)) return known;
  known.add(file);
  for (const { path, kind } of outputs[file].imports) if (kind === "import-statement") needed(path, outputs, known);
  return known;
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

/** The icons in parts: each under all of its names, in the part of that name. */
function readIcons() {
  const folder = `${WEB}node_modules/lucide-react/dist/esm`;
  const index = readFileSync(`${folder}/lucide-react.mjs`, "utf8");
  const parts = Array.from({ length: ICON_BUCKETS }, () => [
    'import createLucideIcon from "lucide-react/dist/esm/createLucideIcon.mjs";',
  ]);
  for (const [, list, file] of index.matchAll(/^export \{ (default as .*) \} from '\.\/(icons\/.*)';$/gm)) {
    const names = list.split(", ").map((item) => item.replace("default as ", ""));
    // Each name comes as X, XIcon and LucideX: the frame takes off what is added.
    const bare = names.filter((name) => !names.some((other) => name === `${other}Icon` || name === `Lucide${other}`));
    const data = /__iconData = (\{[\s\S]*?\n\});/.exec(readFileSync(`${folder}/${file}`, "utf8"))[1];
    // Written out wherever it has a name: a module that two parts share would be a request of its own.
    for (const name of bare) parts[iconBucket(name)].push(`export const ${name} = createLucideIcon(${data});`);
  }
  return parts.map((lines) => lines.join("\n"));
}
