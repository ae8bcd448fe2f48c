import { useEffect, useState } from "react";

/** "40 ms", "0.4 s", "12 s", "3 min 5 s", "7 h 12 min". */
export function formatDuration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return formatSeconds(Math.round(ms / 1000));
}

/** The same for whole seconds. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "5 minutes ago" in the reader's language. */
export function formatAgo(at: number, now: number): string {
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const [unit, size] of UNITS) {
    if (now - at >= size) return format.format(-Math.floor((now - at) / size), unit);
  }
  return "just now";
}

/** "$1.20", and of the small amounts that most answers cost "$0.0042". */
export function formatDollars(amount: number): string {
  return `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`;
}

/** "820 B", "34 kB", "1.2 MB": bytes in steps of 1,000. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

interface BinaryDiff {
  sizeBefore?: number;
  sizeAfter?: number;
  width?: number;
  height?: number;
}

/** What became of a file that is no text: "binary, 34 kB to 36 kB, 512 × 512"; its one size where it came or went. */
export function formatSizes({ sizeBefore = 0, sizeAfter = 0, width, height }: BinaryDiff): string {
  const sizes = [sizeBefore, sizeAfter].filter((size) => size > 0).map(formatSize);
  const sides = width && height ? `, ${width} × ${height}` : "";
  return `binary, ${[...new Set(sizes)].join(" to ") || "empty"}${sides}`;
}

/** The time, anew every `everyMs` while `active`. */
export function useNow(everyMs: number, active = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, active]);
  return now;
}

/** Length as the server counts it: code points, not UTF-16 units. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** A block of code that its content cannot end: its fence is longer than any in the text. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
