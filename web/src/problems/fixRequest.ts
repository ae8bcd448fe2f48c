import type { Problem } from "../api/types";
import { fenced } from "../ui/format";
import { placeOf } from "./words";

/** All of them together stay well below the 10,000 characters that a message may have. */
const MOST = 30;
const MAX_LINE = 250;

/** The message that asks Claude to fix what a check has found. */
export function fixRequest(problems: readonly Problem[]): string {
  const lines = problems.slice(0, MOST).map((problem) => {
    const text = `${placeOf(problem)} ${problem.code} ${problem.message}`.replaceAll(/\s+/g, " ");
    const points = [...text];
    return points.length > MAX_LINE ? `${points.slice(0, MAX_LINE).join("")}…` : text;
  });
  const more = problems.length - lines.length;
  return [
    problems.length === 1
      ? "Please fix this problem that the check of the app has found."
      : "Please fix these problems that the check of the app has found.",
    fenced(lines.join("\n"), "text"),
    ...(more > 0 ? [`There are ${more} more; check the app to see them.`] : []),
  ].join("\n\n");
}
