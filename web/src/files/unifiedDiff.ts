/** A unified diff as lines that can be shown in one column or side by side. */

export interface DiffLine {
  kind: "same" | "added" | "removed";
  text: string;
  /** Line numbers in the two versions; absent on the side that has no such line. */
  before?: number;
  after?: number;
}

/** Lines that belong together; between two of these, unchanged lines are left out. */
export type Hunk = DiffLine[];

/** A removed line beside the one that took its place. */
export interface DiffRow {
  left: DiffLine | null;
  right: DiffLine | null;
}

export function parseDiff(diff: string): Hunk[] {
  const hunks: Hunk[] = [];
  let before = 1;
  let after = 1;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    if (line.startsWith("@@")) {
      const [, start, newStart] = /^@@ -(\d+)\S* \+(\d+)/.exec(line) ?? [];
      before = Number(start ?? 1);
      after = Number(newStart ?? 1);
      hunks.push([]);
      continue;
    }
    // What comes before the first hunk names the files; a backslash says that a line feed is missing.
    const hunk = hunks.at(-1);
    if (!hunk || line.startsWith("\\")) continue;
    const text = line.slice(1);
    if (line.startsWith("+")) hunk.push({ kind: "added", text, after: after++ });
    else if (line.startsWith("-")) hunk.push({ kind: "removed", text, before: before++ });
    else hunk.push({ kind: "same", text, before: before++, after: after++ });
  }
  return hunks;
}

export function countLines(diff: string): { additions: number; deletions: number } {
  const lines = parseDiff(diff).flat();
  return {
    additions: lines.filter((line) => line.kind === "added").length,
    deletions: lines.filter((line) => line.kind === "removed").length,
  };
}

export function sideBySide(hunk: Hunk): DiffRow[] {
  const rows: DiffRow[] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const pair = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      rows.push({ left: removed[index] ?? null, right: added[index] ?? null });
    }
    removed = [];
    added = [];
  };
  for (const line of hunk) {
    if (line.kind === "removed") {
      // Removed lines come before those that take their place.
      if (added.length > 0) pair();
      removed.push(line);
    } else if (line.kind === "added") added.push(line);
    else {
      pair();
      rows.push({ left: line, right: line });
    }
  }
  pair();
  return rows;
}
