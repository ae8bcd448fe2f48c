import { fenced } from "../ui/format";
import { locationText } from "./location";
import type { ConsoleEntry, Problem, ProblemKind } from "./model";

/** How every request to fix an error begins, so that it can be told from what the vendor typed. */
export const FIX_MARKER = "Please fix this error in the app's preview.";

const CONSOLE_LINES = 20;
const STACK_LINES = 15;
/** Code points. All parts together stay below the 10,000 that a message may have. */
const MAX_MESSAGE = 1500;
const MAX_LINE = 200;

const WHAT: Record<ProblemKind, string> = {
  syntax: "Syntax error",
  missing: "Something that is imported is not there",
  import: "Error while the app was loaded",
  render: "Error while a component was rendered",
  event: "Error in an event handler",
  promise: "Rejected promise that nothing handles",
  unresponsive: "The app does not answer, most likely because of an endless loop",
};

/** The message that asks Claude to fix a problem: the error, where it is, and what the console said last. */
export function fixRequest(problem: Problem, entries: readonly ConsoleEntry[]): string {
  const where = problem.at ? `, in \`${cut(locationText(problem.at), MAX_LINE)}\`` : "";
  const stack = (problem.stack ?? []).slice(0, STACK_LINES).map(({ text }) => cut(text.trim(), MAX_LINE));
  const lines = entries.slice(-CONSOLE_LINES).map(consoleLine);
  return [
    FIX_MARKER,
    `${WHAT[problem.kind]}${where}:`,
    fenced(cut(problem.message, MAX_MESSAGE), "text"),
    ...(stack.length > 0 ? ["Stack, only the app's own files:", fenced(stack.join("\n"), "text")] : []),
    ...(lines.length > 0
      ? ["The last lines of the console, as the app printed them:", fenced(lines.join("\n"), "text")]
      : []),
  ].join("\n\n");
}

/** The message that asks Claude to replace a package that apps cannot have. */
export function withoutPackageRequest(packageName: string, problem: Problem): string {
  const where = problem.at ? ` It is imported in \`${cut(locationText(problem.at), MAX_LINE)}\`.` : "";
  return `The package “${cut(packageName, MAX_LINE)}” is not available here.${where} Please do without it, with the packages that are available or with code of the app's own.`;
}

function consoleLine({ level, text, at, count }: ConsoleEntry): string {
  const times = count > 1 ? ` (${count} times)` : "";
  const where = at ? ` (${cut(locationText(at), MAX_LINE / 2)})` : "";
  return `${level}${times}: ${cut(text, MAX_LINE / 2)}${where}`;
}

/** At most `limit` code points, without the control characters that a terminal would interpret. */
function cut(text: string, limit: number): string {
  const printable = text.replace(/[^\P{Cc}\n\t]/gu, "");
  const points = [...printable.slice(0, 2 * limit + 2)];
  return points.length > limit ? `${points.slice(0, limit).join("")}…` : printable;
}
