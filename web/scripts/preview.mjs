// Builds what the preview's frame loads: its document and runtime, and the packages that apps may import with their types.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { bundlePackages } from "./previewPackages.mjs";
import { writeTypes } from "./previewTypes.mjs";

const SOURCE = new URL("../preview/frame/", import.meta.url).pathname;

const PACKAGES = "/preview/packages/";

export async function buildPreview(dist) {
  const folder = join(dist, "preview");
  mkdirSync(folder, { recursive: true });
  const [runtime, files] = await Promise.all([bundleRuntime(folder), bundlePackages(join(folder, "packages"))]);
  const imports = Object.fromEntries([...files].map(([name, [first]]) => [name, `${PACKAGES}${first}`]));
  const needed = Object.fromEntries([...files].map(([name, [, ...others]]) => [name, others]));
  writeFileSync(join(folder, "types.json"), JSON.stringify(writeTypes(join(folder, "packages"))));
  const html = readFileSync(join(SOURCE, "frame.html"), "utf8")
    .replace('"IMPORT_MAP"', JSON.stringify({ imports }))
    .replace('"NEEDED_FILES"', JSON.stringify(needed))
    .replaceAll("PACKAGES/", PACKAGES)
    .replace("FRAME_SCRIPT", runtime);
  writeFileSync(join(folder, "frame.html"), html);
}

async function bundleRuntime(folder) {
  const result = await build({
    entryPoints: { frame: join(SOURCE, "main.ts") },
    external: ["lucide-react/*", "tailwindcss"],
    outdir: join(folder, "packages"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    splitting: true,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    define: { "process.env.NODE_ENV": '"development"' },
    metafile: true,
    logLevel: "warning",
  });
  const [runtime] = Object.entries(result.metafile.outputs).find(([, { entryPoint }]) =>
    entryPoint?.endsWith("/main.ts"),
  );
  return basename(runtime);
}

/** Makes it part of every build of the page. */
export function previewPlugin() {
  let dist = "dist";
  return {
    name: "preview",
    apply: "build",
    configResolved: (config) => {
      dist = config.build.outDir;
    },
    closeBundle: () => buildPreview(dist),
  };
}
