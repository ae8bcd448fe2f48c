import { decode, type SourceMapMappings } from "@jridgewell/sourcemap-codec";
import { type Options, transform } from "sucrase";
import { columnBefore, type Guarded, guardLoops } from "./loopGuard";
import { moduleHeader } from "./protocol";

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

/** How the code that runs leads back to the text that it was made from. */
interface Trace {
  source: string;
  guarded: Guarded;
  /** The length of what stands before the code on its first line. */
  header: number;
  mappings: SourceMapMappings;
}

/** Of each path the latest: an app asks for the same few files with each line that it writes to its console. */
const traces = new Map<string, Trace>();

/** Where in the source a place of the code that runs comes from; lines and columns from 0. */
export function originOf(path: string, source: string, line: number, column: number): { line: number; column: number } {
  const { guarded, header, mappings } = traceOf(path, source);
  const made = line === 0 ? column - header : column;
  const segments = mappings[line] ?? [];
  const segment = segments.filter(([from]) => from <= made).at(-1) ?? segments[0];
  if (!segment || segment.length === 1) return { line, column: made };
  return { line: segment[2], column: columnBefore(guarded, source, segment[2], segment[3]) };
}

/** Lets go of the files of an app that is left. */
export function forgetOrigins(): void {
  traces.clear();
}

function traceOf(path: string, source: string): Trace {
  const known = traces.get(path);
  if (known?.source === source) return known;
  const guarded = guard(path, source);
  const { code, sourceMap } = run(path, guarded.code, { sourceMapOptions: { compiledFilename: path } });
  const trace = { source, guarded, header: moduleHeader(code).length, mappings: decode(sourceMap?.mappings ?? "") };
  traces.set(path, trace);
  return trace;
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
