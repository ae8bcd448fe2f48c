import { decode } from "@jridgewell/sourcemap-codec";
import { type Options, transform } from "sucrase";
import { columnBefore, guardLoops } from "./loopGuard";

const JAVASCRIPT = /\.(js|mjs|cjs)$/;

export interface Script {
  code: string;
  /** What it imports, in this order. */
  imports: { specifier: string; dynamic: boolean }[];
}

/** A file that is not valid TypeScript. */
export class SyntaxProblem extends Error {
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message);
  }
}

/** TypeScript and JSX to a CommonJS module with the same lines; throws a SyntaxProblem. */
export function transformScript(path: string, source: string): Script {
  const { code } = run(path, guard(path, source).code);
  // `import()` comes out as a promise of require(), which could not wait for what the module waits for.
  const linked = code
    .replaceAll("Promise.resolve().then(() => _interopRequireWildcard(require(", "import_module(((")
    .replace(/\bimport\.meta\b/g, "import_meta")
    // The app has a location of its own. The name is as long as the old one, so that no column moves.
    .replace(/\bwindow\.location\b/g, "import_location")
    .replace(/\bimport_location(\s*=)(?!=)/g, "import_location.href$1");
  const imports: Script["imports"] = [];
  for (const [, call, , specifier = ""] of linked.matchAll(
    /\b(require\(|import_module\(\(\()\s*(["'])([^"'\n]+)\2\s*\)/g,
  )) {
    if (!imports.some((known) => known.specifier === specifier)) {
      imports.push({ specifier, dynamic: call !== "require(" });
    }
  }
  return { code: `${linked}\n;import_local([${declared(source).join()}]);`, imports };
}

/** Where in the source a place of the code that runs comes from; lines and columns from 0. */
export function originOf(path: string, source: string, line: number, column: number): { line: number; column: number } {
  const guarded = guard(path, source);
  const { sourceMap } = run(path, guarded.code, { sourceMapOptions: { compiledFilename: path } });
  const segments = decode(sourceMap?.mappings ?? "")[line] ?? [];
  const segment = segments.filter(([from]) => from <= column).at(-1) ?? segments[0];
  if (!segment || segment.length === 1) return { line, column };
  return { line: segment[2], column: columnBefore(guarded, source, segment[2], segment[3]) };
}

function guard(path: string, source: string) {
  try {
    return guardLoops(source, { typescript: !JAVASCRIPT.test(path) });
  } catch (error) {
    throw problemOf(error, path);
  }
}

function run(path: string, source: string, more: Partial<Options> = {}) {
  try {
    return transform(source, {
      transforms: JAVASCRIPT.test(path) ? ["jsx", "imports"] : ["typescript", "jsx", "imports"],
      jsxRuntime: "automatic",
      production: false,
      disableESTransforms: true,
      filePath: path,
      ...more,
    });
  } catch (error) {
    throw problemOf(error, path);
  }
}

/** Sucrase's words for a syntax error: `Error transforming a.tsx: Unexpected token (3:5)`. */
function problemOf(error: unknown, path: string): unknown {
  const { message, loc } = error as { message?: string; loc?: { line: number; column: number } };
  if (!message || !loc) return error;
  const words = message.replace(`Error transforming ${path}: `, "").replace(/\s*\(\d+:\d+\)$/, "");
  return new SyntaxProblem(words, loc.line, loc.column);
}

/** Getters for what a module declares at its outermost level with a capital letter, and its hooks. */
function declared(source: string): string[] {
  const found = source.matchAll(
    /^(?:export\s+)?(?:default\s+)?(?:(?:async\s+)?function|const|let|class)\s+([A-Z]\w*|use[A-Z]\w*)/gm,
  );
  return [...new Set([...found].map(([, name]) => name))].map((name) => `["${name}",()=>${name}]`);
}
