import type { Location } from "../model";
import { originOf } from "./transform";

export interface StackLine {
  text: string;
  at?: Location;
}

const LINES = 20;
// Chromium: `at App (app:///src/App.tsx:3:9)`; Firefox and WebKit: `App@app:///src/App.tsx:3:9`.
const FRAME = /^\s*(?:at (?:async )?(.*?) ?\(?|(.*?)@)app:\/\/\/([^\s:]+):(\d+):(\d+)\)?/;

/** The first lines of a stack that are in the app's files, at the places where they were written. */
export function readStack(stack: string, sources: ReadonlyMap<string, string>, most = LINES): StackLine[] {
  const lines: StackLine[] = [];
  for (const text of stack.split("\n")) {
    if (lines.length === most) break;
    const found = FRAME.exec(text);
    if (!found) continue;
    const [, chromium, others, address = "", line = "", column = ""] = found;
    const path = pathOf(address);
    const at = placeOf(path, Number(line), Number(column), sources.get(path));
    // The code of a module itself runs in a function without a name.
    const name = (chromium || others || "")
      .replace(/^(Object|Module|exports)\./, "")
      .replace(/^(eval|<anonymous>)$/, "");
    lines.push({ text: `${name || "(module)"} (${path}:${at.line}${at.column ? `:${at.column}` : ""})`, at });
  }
  return lines;
}

function pathOf(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

/** Where in the file as it was written: the code that runs has the same lines, but other columns. */
function placeOf(path: string, line: number, column: number, source: string | undefined): Location {
  if (source === undefined) return { path: path.replace(/\?.*$/, ""), line, column };
  try {
    const origin = originOf(path, source, line - 1, column - 1);
    return { path, line: origin.line + 1, column: origin.column + 1 };
  } catch {
    return { path, line, column };
  }
}
