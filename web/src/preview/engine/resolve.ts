/** Finds the file that an import means, as Vite does. */
import type { AppFiles } from "../model";

const ENDINGS = [".tsx", ".ts", ".jsx", ".js", ".mjs", ".cjs", ".json", ".css", ".svg"];

export type Files = AppFiles;

/** The text of a file; none of one that is not there, or is no text. */
export function textOf(files: Files, path: string): string {
  const content = files.get(path);
  return typeof content === "string" ? content : "";
}

/** What an import of an app asks for: a file with how it is wanted (`?raw`), a package, or a file that is not there. */
export type Resolved =
  | { kind: "file"; path: string; query: string }
  | { kind: "package"; name: string }
  | { kind: "absent"; path: string };

/** `from` is the path of the importing file. */
export function resolve(specifier: string, from: string, files: Files, aliases: Aliases): Resolved {
  const [name = "", query = ""] = specifier.split("?", 2);
  const candidates = pathsOf(name, from, aliases);
  if (candidates === null) return { kind: "package", name };
  for (const candidate of candidates) {
    const path = existing(candidate, files);
    if (path !== null) return { kind: "file", path, query };
  }
  return { kind: "absent", path: candidates[0] ?? name };
}

/** `prefix` of an import -> the folders that it stands for. */
export type Aliases = ReadonlyMap<string, readonly string[]>;

/** `@/` is src by custom; an app can name further ones in its tsconfig.json. */
export function readAliases(files: Files): Aliases {
  const aliases = new Map<string, string[]>([
    ["@/", ["src/", ""]],
    ["~/", ["src/", ""]],
  ]);
  for (const file of ["tsconfig.json", "tsconfig.app.json"]) {
    for (const [prefix, folders] of tsconfigPaths(textOf(files, file))) aliases.set(prefix, folders);
  }
  return aliases;
}

/** The `"prefix/*": ["./folder/*"]` of a tsconfig.json, which may hold comments. */
function tsconfigPaths(text: string): [string, string[]][] {
  const paths = /"paths"\s*:\s*\{([^}]*)\}/.exec(text)?.[1] ?? "";
  const base = /"baseUrl"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? ".";
  return [...paths.matchAll(/"([^"*]+)\*"\s*:\s*\[([^\]]*)\]/g)].map(([, prefix = "", targets = ""]) => [
    prefix,
    [...targets.matchAll(/"([^"]*)\*"/g)].map(([, target = ""]) => folder(join(base, target))),
  ]);
}

function folder(path: string): string {
  return path === "" || path.endsWith("/") ? path : `${path}/`;
}

/** The paths that a specifier may mean, without their ending; null for the name of a package. */
function pathsOf(specifier: string, from: string, aliases: Aliases): string[] | null {
  if (/^\.\.?(\/|$)/.test(specifier)) return [join(from.replace(/[^/]*$/, ""), specifier)];
  if (specifier.startsWith("/")) return [join("", specifier), join("public", specifier)];
  for (const [prefix, folders] of aliases) {
    if (specifier.startsWith(prefix)) return folders.map((target) => join(target, specifier.slice(prefix.length)));
  }
  return null;
}

function existing(path: string, files: Files): string | null {
  const bare = path.replace(/\/$/, "");
  // TypeScript lets `./a.js` mean a.ts.
  const scripted = bare.replace(/\.(js|jsx|mjs)$/, "");
  const candidates = [
    bare,
    ...ENDINGS.map((ending) => bare + ending),
    ...(scripted === bare ? [] : [".tsx", ".ts"].map((ending) => scripted + ending)),
    ...ENDINGS.map((ending) => join(bare, `index${ending}`)),
  ];
  return candidates.find((candidate) => files.has(candidate)) ?? null;
}

/** A path within a folder, with `.` and `..` worked out; nothing leads out of the app. */
export function join(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${base}/${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
