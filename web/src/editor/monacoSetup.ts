/** Monaco with its workers and languages; the only door to it, and never in the first load. */
import * as monaco from "monaco-editor/editor";
import "monaco-editor/features/register.all";
import "monaco-editor/languages/definitions/css/register";
import "monaco-editor/languages/definitions/html/register";
import "monaco-editor/languages/definitions/javascript/register";
import "monaco-editor/languages/definitions/markdown/register";
import "monaco-editor/languages/definitions/python/register";
import "monaco-editor/languages/definitions/shell/register";
import "monaco-editor/languages/definitions/typescript/register";
import "monaco-editor/languages/definitions/xml/register";
import "monaco-editor/languages/definitions/yaml/register";
import "monaco-editor/languages/features/css/register";
import "monaco-editor/languages/features/html/register";
import "monaco-editor/languages/features/json/register";
import EditorWorker from "monaco-editor/editor/editor.worker?worker";
import CssWorker from "monaco-editor/languages/features/css/css.worker?worker";
import HtmlWorker from "monaco-editor/languages/features/html/html.worker?worker";
import JsonWorker from "monaco-editor/languages/features/json/json.worker?worker";
import {
  JsxEmit,
  javascriptDefaults,
  ModuleKind,
  type ModuleResolutionKind,
  ScriptTarget,
  typescriptDefaults,
} from "monaco-editor/languages/features/typescript/register";
import TypeScriptWorker from "monaco-editor/languages/features/typescript/ts.worker?worker";
import { createPackageTypes } from "./packageTypes";

const WORKERS = new Map<string, new () => Worker>(
  Object.entries({
    css: CssWorker,
    html: HtmlWorker,
    json: JsonWorker,
    javascript: TypeScriptWorker,
    typescript: TypeScriptWorker,
  }),
);

self.MonacoEnvironment = {
  getWorker: (_id: string, label: string) => new (WORKERS.get(label) ?? EditorWorker)(),
};

// "Cannot find module" for packages whose types are not at hand says nothing about the code.
const UNKNOWN_MODULE = [2307, 7016, 2792];

for (const defaults of [typescriptDefaults, javascriptDefaults]) {
  defaults.setCompilerOptions({
    allowJs: true,
    allowNonTsExtensions: true,
    esModuleInterop: true,
    jsx: JsxEmit.ReactJSX,
    module: ModuleKind.ESNext,
    // "Bundler", which Monaco has no name for: packages say in `exports` where their declarations are.
    moduleResolution: 100 as ModuleResolutionKind,
    baseUrl: "file:///",
    paths: { "@/*": ["src/*"] },
    strict: true,
    target: ScriptTarget.ESNext,
  });
  defaults.setDiagnosticsOptions({ diagnosticCodesToIgnore: UNKNOWN_MODULE });
  defaults.setEagerModelSync(true);
}

const packageTypes = createPackageTypes();

/** Makes the types known of what these scripts import. Without them, as offline, the editor works all the same. */
export async function loadPackageTypes(texts: Iterable<string>): Promise<void> {
  const libs = await packageTypes.ask(texts).catch(() => null);
  if (!libs) return;
  typescriptDefaults.setExtraLibs(libs);
  javascriptDefaults.setExtraLibs(libs);
}

monaco.editor.defineTheme("aicode-light", {
  base: "vs",
  inherit: true,
  rules: [
    { token: "comment", foreground: "6f6a60", fontStyle: "italic" },
    { token: "keyword", foreground: "8a3b6e" },
    { token: "string", foreground: "0d6650" },
    { token: "number", foreground: "9a4a07" },
    { token: "type", foreground: "1f5c99" },
    { token: "tag", foreground: "1f5c99" },
  ],
  colors: {
    "editor.background": "#ffffff",
    "editor.foreground": "#23211d",
    "editorLineNumber.foreground": "#8b867b",
    "editorLineNumber.activeForeground": "#23211d",
    "editor.lineHighlightBackground": "#f6f4ef",
    "editor.lineHighlightBorder": "#00000000",
    "editor.selectionBackground": "#cfe8df",
    "editorCursor.foreground": "#0f6b54",
    focusBorder: "#0f6b54",
  },
});
monaco.editor.defineTheme("aicode-dark", {
  base: "vs-dark",
  inherit: true,
  rules: [
    { token: "comment", foreground: "8f8a80", fontStyle: "italic" },
    { token: "keyword", foreground: "e3a1c8" },
    { token: "string", foreground: "7fd0b1" },
    { token: "number", foreground: "f0b37a" },
    { token: "type", foreground: "8fc1f0" },
    { token: "tag", foreground: "8fc1f0" },
  ],
  colors: {
    "editor.background": "#1b1a18",
    "editor.foreground": "#e9e6df",
    "editorLineNumber.foreground": "#77726a",
    "editorLineNumber.activeForeground": "#e9e6df",
    "editor.lineHighlightBackground": "#232220",
    "editor.lineHighlightBorder": "#00000000",
    "editor.selectionBackground": "#2c4a40",
    "editorCursor.foreground": "#6fd0ae",
    focusBorder: "#6fd0ae",
  },
});

/** How every editor of the page looks and behaves. */
export const EDITOR_OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontSize: 13,
  lineHeight: 20,
  fontFamily:
    "ui-monospace, 'SF Mono', 'Cascadia Code', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  bracketPairColorization: { enabled: false },
  minimap: { enabled: false },
  padding: { top: 12, bottom: 12 },
  scrollBeyondLastLine: false,
  smoothScrolling: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
  stickyScroll: { enabled: false },
  tabSize: 2,
  fixedOverflowWidgets: true,
  renderLineHighlightOnlyWhenFocus: true,
  // What the file holds is kept as it is, rarely used line separators too.
  unusualLineTerminators: "off",
};

/** The whole text of a model, with the byte order mark that Monaco keeps apart. */
export function fullText(model: monaco.editor.ITextModel): string {
  return model.getValue(monaco.editor.EndOfLinePreference.TextDefined, true);
}

export { monaco };
