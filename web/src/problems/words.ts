import type { Check, Problem } from "../api/types";

export const countOf = (count: number) => (count === 1 ? "1 problem" : `${count} problems`);

/** "no problems", "2 problems", "3 problems, 1 was there before", "no new problems, 2 were there before". */
export function checkWords({ errors }: Pick<Check, "errors">): string {
  const known = errors.filter((problem) => problem.known).length;
  if (errors.length === 0) return "no problems";
  const before = known === 0 ? "" : `, ${known} ${known === 1 ? "was" : "were"} there before`;
  return known === errors.length ? `no new problems${before}` : `${countOf(errors.length)}${before}`;
}

/** "src/App.tsx:12:8"; of what concerns a file as a whole its path, and of the whole app "the app". */
export function placeOf({ path, line, column }: Pick<Problem, "path" | "line" | "column">): string {
  if (!path) return "the app";
  return line > 0 ? `${path}:${line}:${Math.max(column, 1)}` : path;
}
