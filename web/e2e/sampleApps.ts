import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const APPS = join(import.meta.dirname, "apps");

export interface ExpectedProblem {
  kind: string;
  message?: string;
  packageName?: string;
  at?: { path: string; line: number; column?: number };
}

/** A thing to do in the app or to see of it, one after the other. */
export type Step =
  | { see: string }
  | { click: string }
  /** A click that the app does not come back from. */
  | { hang: string }
  | { fill: [label: string, text: string] }
  | { count: [selector: string, count: number] }
  | { style: [selector: string, property: string, value: string] }
  /** An image with this text, whose picture has been loaded. */
  | { picture: string }
  | { console: string }
  | { route: string }
  | { go: string }
  | { back: true }
  | { reload: true };

/** What must be seen of a sample app: steps, then a problem, then steps after an edit that mends it. */
export interface Expected {
  steps?: Step[];
  problem?: ExpectedProblem;
  edit?: { path: string; from: string; to: string };
  after?: Step[];
}

export interface SampleApp {
  name: string;
  files: Map<string, string>;
  expected: Expected;
}

export function readSampleApps(): SampleApp[] {
  return readdirSync(APPS).map((name) => {
    const folder = join(APPS, name);
    const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    const files = new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
    const expected = JSON.parse(files.get("expected.json") ?? "{}") as Expected;
    files.delete("expected.json");
    return { name, files, expected };
  });
}
