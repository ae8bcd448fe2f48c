import type { Problem } from "../model";
import { findEntry } from "./entry";
import { type AppAssets, assetsOf, extension } from "./files";
import { isProvided, packageOf } from "./packageNames";
import { type AppDocument, type AppModule, type Dependency, sameTargets, type Target } from "./protocol";
import { type Aliases, type Files, readAliases, resolve, textOf } from "./resolve";
import { type Script, SyntaxProblem, transformScript } from "./transform";
import { viewOf } from "./views";

/** An app as the frame takes it. */
export interface BuiltApp {
  document: AppDocument;
  /** The HTML file of the document. */
  page: string | null;
  modules: ReadonlyMap<string, AppModule>;
  assets: AppAssets;
  /** The text that each script was made from. */
  sources: ReadonlyMap<string, string>;
}

export type BuildResult = { kind: "app"; app: BuiltApp } | { kind: "empty" } | { kind: "problem"; problem: Problem };

const SCRIPT = /\.([cm]?[jt]sx?)$/;
/** So long is the page held at a time. */
const SLICE_MS = 10;

/** Carries a problem out of the walk through an app's modules. */
class BuildProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/** Makes apps out of files; what has not changed since the last time is not made again. */
export class Builder {
  readonly #scripts = new Map<string, { source: string; script: Script }>();
  #modules: ReadonlyMap<string, AppModule> = new Map();

  async build(files: Files, route: string): Promise<BuildResult> {
    const entry = findEntry(files, route);
    if (!entry) return { kind: "empty" };
    const all: Files = new Map([...files, ...entry.virtual]);
    const aliases = readAliases(files);
    const modules = new Map<string, AppModule>();
    const sources = new Map<string, string>();
    const waiting: { id: string; path: string; query: string }[] = [];
    const want = (path: string, query: string): string => {
      const id = query ? `${path}?${query}` : path;
      if (!modules.has(id)) waiting.push({ id, path, query });
      return id;
    };
    try {
      const scripts = entry.scripts.map((script): AppDocument["scripts"][number] => {
        if (script.kind === "classic") return script;
        const found = resolve(script.specifier, script.from, all, aliases);
        if (found.kind === "file") return { kind: "module", id: want(found.path, found.query) };
        const message = `${script.from} loads ${script.specifier}, which is not there.`;
        throw new BuildProblem({ kind: "missing", message, at: { path: script.from, line: 1 } });
      });
      let until = performance.now() + SLICE_MS;
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        if (modules.has(next.id)) continue;
        if (performance.now() > until) {
          await new Promise((resume) => setTimeout(resume));
          until = performance.now() + SLICE_MS;
        }
        if (SCRIPT.test(next.path) && next.query === "") sources.set(next.id, textOf(all, next.path));
        modules.set(next.id, this.#module(next, all, aliases, want));
      }
      const document = { html: entry.html, scripts, tailwind: entry.tailwind };
      const app = { document, page: entry.path, modules: this.#kept(modules), assets: assetsOf(files), sources };
      return { kind: "app", app };
    } catch (error) {
      if (error instanceof BuildProblem) return { kind: "problem", problem: error.problem };
      throw error;
    }
  }

  /** The modules, each the same object as before where nothing of it changed. */
  #kept(modules: Map<string, AppModule>): ReadonlyMap<string, AppModule> {
    for (const [id, module] of modules) {
      const before = this.#modules.get(id);
      if (before && isSame(before, module)) modules.set(id, before);
    }
    this.#modules = modules;
    return modules;
  }

  #module(
    { id, path, query }: { id: string; path: string; query: string },
    files: Files,
    aliases: Aliases,
    want: (path: string, query: string) => string,
  ): AppModule {
    if (!SCRIPT.test(path) || query !== "") return view(id, path, query, files);
    const source = textOf(files, path);
    const { code, imports } = this.#script(path, source);
    const dependencies = imports.map(({ specifier, dynamic }): Dependency => {
      const target = targetOf(specifier, path, { source, code }, files, aliases, want);
      if (target.kind === "missing" && !dynamic) refuse(target, specifier, path, source);
      return { specifier, target, dynamic };
    });
    return { id, code, css: null, dependencies };
  }

  #script(path: string, source: string): Script {
    const known = this.#scripts.get(path);
    if (known?.source === source) return known.script;
    try {
      const script = transformScript(path, source);
      this.#scripts.set(path, { source, script });
      return script;
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      const { message, line, column } = error;
      throw new BuildProblem({ kind: "syntax", message, at: { path, line, column } });
    }
  }
}

function isSame(one: AppModule, other: AppModule): boolean {
  return one.code === other.code && one.css === other.css && sameTargets(one, other);
}

function view(id: string, path: string, query: string, files: Files): AppModule {
  try {
    const { code, css } = viewOf(path, query, files);
    const react: Dependency = {
      specifier: "react",
      target: { kind: "package", name: "react", icons: null },
      dynamic: false,
    };
    return { id, code, css, dependencies: code.includes('require("react")') ? [react] : [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BuildProblem({ kind: "syntax", message, at: { path, line: 1 } });
  }
}

function targetOf(
  specifier: string,
  from: string,
  text: { source: string; code: string },
  files: Files,
  aliases: Aliases,
  want: (path: string, query: string) => string,
): Target {
  const found = resolve(specifier, from, files, aliases);
  if (found.kind === "file") return { kind: "module", id: want(found.path, found.query) };
  if (found.kind === "absent") {
    const what = extension(found.path) ? `file ${found.path}` : `file for ${found.path}`;
    return { kind: "missing", message: `${from} imports "${specifier}", but there is no ${what}.` };
  }
  if (isProvided(found.name)) {
    return { kind: "package", name: found.name, icons: found.name === "lucide-react" ? iconsOf(text) : null };
  }
  return { kind: "missing", message: `The package "${packageOf(found.name)}" is not available in the preview.` };
}

/** Raises the problem, if the import is one and not a mention in a text. */
function refuse(target: Extract<Target, { kind: "missing" }>, specifier: string, path: string, source: string): void {
  const quoted = specifier.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = new RegExp(`(?:\\bfrom\\s*|\\bimport\\s*)["']${quoted}["']`).exec(source);
  if (!found) return;
  const before = source.slice(0, found.index).split("\n");
  const at = { path, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  const isFile = /^[./]|^[@~]\//.test(specifier);
  throw new BuildProblem({
    kind: "missing",
    message: target.message,
    at,
    ...(isFile ? {} : { packageName: packageOf(specifier) }),
  });
}

/** The icons that a file names; null where it takes the package as a whole. */
function iconsOf({ source, code }: { source: string; code: string }): string[] | null {
  const names = new Set<string>();
  for (const [, clause = ""] of source.matchAll(/\b(?:import|export)\s+([^"';]*?)\s+from\s*["']lucide-react["']/g)) {
    if (clause.startsWith("type ")) continue;
    const list = /^\{([^}]*)\}$/.exec(clause)?.[1];
    if (list === undefined) return null;
    for (const item of list.split(",")) {
      const name = item.trim().split(/\s+as\s+/, 1)[0] ?? "";
      // A type is gone from the code that was made.
      if (name && code.includes(name)) names.add(name);
    }
  }
  return /\b(?:import|require)\(\s*["']lucide-react/.test(source) ? null : [...names];
}
