/** The ends of a text's lines: editors make them all alike, and that must not show as a change of every line. */
import { lineEdits } from "./merge";

const LINE_END = /\r\n|\r|\n/g;

/** The text as an editor shows it: without a byte order mark, and with line feeds alone. */
export function plainText(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(LINE_END, "\n");
}

/**
 * The text with the line ends of the version it was made from: lines that are still there keep theirs,
 * new ones get the one that most lines have.
 */
export function withLineEndsOf(original: string, text: string): string {
  if (!original.includes("\r")) return text.includes("\r") ? text.replace(LINE_END, "\n") : text;
  const ends = original.match(LINE_END) ?? [];
  const usual = mostFrequent(ends);
  const alike = text.replace(LINE_END, usual);
  if (ends.every((end) => end === usual)) return alike;
  const kept: string[] = [];
  let next = 0;
  const lines = plainText(text).split("\n");
  for (const { start, end, lines: replacement } of lineEdits(plainText(original), lines.join("\n"))) {
    kept.push(...ends.slice(next, start), ...replacement.map(() => usual));
    next = end;
  }
  kept.push(...ends.slice(next));
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  return mark + lines.map((line, index) => line + (index < lines.length - 1 ? (kept[index] ?? usual) : "")).join("");
}

function mostFrequent(ends: string[]): string {
  const counts = new Map<string, number>();
  for (const end of ends) counts.set(end, (counts.get(end) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? "\n";
}
