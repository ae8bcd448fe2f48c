import { fenced } from "../ui/format";

/** Things that the vendor attaches to a message: they become part of its text, which the vendor sees. */
export interface Reference {
  kind: "file" | "selection" | "element";
  /** What its chip says. */
  label: string;
  path?: string;
  /** Lines of the file, from 1. */
  line?: number;
  endLine?: number;
  /** The selected lines, or the words that an element shows. */
  text?: string;
}

/** What was typed, followed by what was attached. */
export function withReferences(text: string, references: readonly Reference[]): string {
  return [text.trim(), ...references.map(inWords)].filter((part) => part !== "").join("\n\n");
}

export function sameReference(a: Reference, b: Reference): boolean {
  return a.kind === b.kind && a.label === b.label && a.path === b.path && a.line === b.line && a.endLine === b.endLine;
}

function inWords({ kind, label, path, line, endLine, text }: Reference): string {
  const place = path === undefined ? "" : `${path}${linesInWords(line, endLine)}`;
  switch (kind) {
    case "file":
      return `File: ${path ?? label}`;
    case "selection":
      return `Selected in ${place || label}:\n${fenced((text ?? "").replace(/\n$/, ""), languageOf(path))}`;
    case "element": {
      const shown = text ? `, which shows ${JSON.stringify(text)}` : "";
      return `Element of the running app: ${label}${place ? ` in ${place}` : ""}${shown}`;
    }
  }
}

function linesInWords(line: number | undefined, endLine: number | undefined): string {
  if (line === undefined) return "";
  return endLine === undefined || endLine === line ? `, line ${line}` : `, lines ${line} to ${endLine}`;
}

function languageOf(path = ""): string {
  return /\.(\w+)$/.exec(path)?.[1] ?? "";
}
