import { extension } from "../preview/engine/files";

const LANGUAGES = new Map(
  Object.entries({
    ts: "typescript",
    tsx: "typescript",
    mts: "typescript",
    cts: "typescript",
    js: "javascript",
    jsx: "javascript",
    mjs: "javascript",
    cjs: "javascript",
    json: "json",
    css: "css",
    html: "html",
    htm: "html",
    svg: "xml",
    xml: "xml",
    md: "markdown",
    mdx: "markdown",
    py: "python",
    yml: "yaml",
    yaml: "yaml",
    sh: "shell",
  }),
);

/** Monaco's language for a path, by its extension. */
export function languageOf(path: string): string {
  return LANGUAGES.get(extension(path)) ?? "plaintext";
}
