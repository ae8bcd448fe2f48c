// Writes the declarations of the packages that apps may import, one file for each package, for the page's editor.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { readPackages } from "./previewPackages.mjs";

const MODULES = new URL("../node_modules/", import.meta.url).pathname;
// Every app needs these: the other files are without them.
const BASE = ["react", "react-dom"];

/** Into `folder`, under names with a hash; gives which file holds which package's declarations. */
export function writeTypes(folder) {
  mkdirSync(folder, { recursive: true });
  const packages = readPackages();
  const base = new Map(
    packages.filter(({ name }) => BASE.includes(name)).flatMap((entry) => [...collect(entry, new Map())]),
  );
  const index = {};
  for (const entry of packages) {
    if (BASE.includes(entry.name)) continue;
    const files = entry.name === "lucide-react" ? iconTypes() : collect(entry, base);
    for (const alias of entry.aliases ?? []) addAlias(alias, files);
    index[entry.name] = write(folder, entry.name, files);
  }
  return { base: write(folder, "react", base), packages: index };
}

function write(folder, name, files) {
  const text = JSON.stringify([...files]);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const file = `types__${name.replaceAll("/", "__")}-${hash}.json`;
  writeFileSync(join(folder, file), text);
  return file;
}

/** The declarations that the imports of a package lead to, by their paths in node_modules. */
function collect({ types, imports }, known) {
  const files = new Map();
  const waiting = [];
  const want = (path) => {
    if (path && !files.has(path) && !known.has(path)) waiting.push(path);
  };
  const enter = (name) => {
    const found = entryOf(name);
    if (!found) return;
    want(found.manifest);
    want(found.path);
  };
  for (const name of imports) enter(types.startsWith("@types/") ? name.replace(/^[^/]+/, types) : name);
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    const text = readFileSync(MODULES + path, "utf8");
    files.set(
      path,
      path.endsWith("package.json") ? manifest(text) : path.startsWith("csstype/") ? withoutComments(text) : text,
    );
    if (path.endsWith("package.json")) continue;
    for (const name of mentioned(text)) {
      if (name.startsWith(".")) want(declaration(posix.join(posix.dirname(path), name)));
      else enter(name);
    }
  }
  return files;
}

function mentioned(text) {
  const code = withoutComments(text);
  const found = [
    ...code.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g),
    ...code.matchAll(/<reference\s+(?:types|path)="([^"]+)"/g),
  ];
  return found.map(([whole, name]) => (whole.includes("path=") && !name.startsWith(".") ? `./${name}` : name));
}

/** The declaration that TypeScript reads for an import of a package. */
function entryOf(name) {
  const parts = name.split("/");
  const owner = parts.splice(0, name.startsWith("@") ? 2 : 1).join("/");
  const folder = [owner, `@types/${owner.replace(/^@/, "").replace("/", "__")}`].find((candidate) => {
    if (!existsSync(`${MODULES}${candidate}/package.json`)) return false;
    return candidate.startsWith("@types/") || hasTypes(candidate);
  });
  if (!folder) return null;
  const { exports, types, typings } = JSON.parse(readFileSync(`${MODULES}${folder}/package.json`, "utf8"));
  const key = parts.length > 0 ? `./${parts.join("/")}` : ".";
  const target = exports ? exported(exports, key) : undefined;
  const fallback = key === "." ? (types ?? typings ?? "index.d.ts") : key;
  const path = declaration(posix.join(folder, target ?? fallback));
  return path ? { path, manifest: `${folder}/package.json` } : null;
}

function hasTypes(folder) {
  const { types, typings, exports } = JSON.parse(readFileSync(`${MODULES}${folder}/package.json`, "utf8"));
  return (
    Boolean(types ?? typings) ||
    JSON.stringify(exports ?? "").includes(".d.") ||
    existsSync(`${MODULES}${folder}/index.d.ts`)
  );
}

function exported(exports, key) {
  const isMap = typeof exports === "object" && Object.keys(exports).some((name) => name.startsWith("."));
  const found = isMap ? (exports[key] ?? wildcard(exports, key)) : exports;
  return condition(found);
}

function wildcard(exports, key) {
  for (const [pattern, target] of Object.entries(exports)) {
    const [head, tail] = pattern.split("*");
    if (tail === undefined || !key.startsWith(head) || !key.endsWith(tail)) continue;
    const middle = key.slice(head.length, key.length - tail.length);
    return JSON.parse(JSON.stringify(target).replaceAll("*", middle));
  }
  return undefined;
}

function condition(target) {
  if (typeof target === "string") return target;
  for (const [name, inner] of Object.entries(target ?? {})) {
    const found = ["types", "import", "default"].includes(name) ? condition(inner) : undefined;
    if (found) return found;
  }
  return undefined;
}

function declaration(target) {
  const path = target.replace(/\/$/, "");
  const bare = path.replace(/\.([cm]?)[jt]s$/, "");
  const kind = /\.([cm])[jt]s$/.exec(path)?.[1] ?? "";
  const candidates = [
    path,
    `${bare}.d.${kind}ts`,
    `${bare}.d.ts`,
    `${path}.d.ts`,
    `${path}.d.mts`,
    `${path}/index.d.ts`,
  ];
  return candidates.find(
    (file) => /\.d\.[cm]?ts$/.test(file) && existsSync(MODULES + file) && statSync(MODULES + file).isFile(),
  );
}

/** csstype is a megabyte, of which nine parts in ten say what which browser can do. */
function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\/\s*/g, "");
}

/** What of a package.json resolves imports. */
function manifest(text) {
  const { name, version, type, types, typings, exports } = JSON.parse(text);
  return JSON.stringify({ name, version, type, types, typings, exports });
}

/** lucide-react's own declarations are 2.5 MB of pictures in comments. */
function iconTypes() {
  const index = readFileSync(`${MODULES}lucide-react/dist/esm/lucide-react.mjs`, "utf8");
  const names = [...index.matchAll(/default as (\w+)[^']*?/g)]
    .map(([, name]) => name)
    .filter((name) => /^[A-Z]/.test(name));
  const text = `import type { ForwardRefExoticComponent, RefAttributes, SVGProps } from "react";
export type IconNode = [tag: string, attributes: Record<string, string>][];
export interface LucideProps extends Partial<Omit<SVGProps<SVGSVGElement>, "ref">>, RefAttributes<SVGSVGElement> {
  size?: string | number;
  absoluteStrokeWidth?: boolean;
}
export type LucideIcon = ForwardRefExoticComponent<LucideProps>;
export declare const icons: Record<string, LucideIcon>;
export declare function createLucideIcon(name: string, node: IconNode): LucideIcon;
export declare const ${[...new Set(names)]
    .filter((name) => name !== "Icon")
    .map((name) => `${name}: LucideIcon`)
    .join(", ")};
`;
  return new Map([
    ["lucide-react/package.json", JSON.stringify({ name: "lucide-react", types: "index.d.ts" })],
    ["lucide-react/index.d.ts", text],
  ]);
}

/** A name that stands for a package and is none itself. */
function addAlias({ name, of }, files) {
  if (existsSync(`${MODULES}${name.split("/")[0]}`)) return;
  files.set(`${name}/package.json`, JSON.stringify({ name, types: "index.d.ts" }));
  files.set(`${name}/index.d.ts`, `export * from "${of}";\n`);
}
