import { diff3Merge, diffIndices } from "node-diff3";
import type { LineChange } from "./state";

/** Both sides' changes to `base` in one text, or null where they touch the same lines. */
export function merge(mine: string, base: string, theirs: string): string | null {
  if (mine === theirs || theirs === base) return mine;
  if (mine === base) return theirs;
  const regions = diff3Merge(lines(mine), lines(base), lines(theirs), { excludeFalseConflicts: true });
  const merged: string[] = [];
  for (const region of regions) {
    if (!region.ok) return null;
    merged.push(...region.ok);
  }
  return merged.join("\n");
}

/** Replaces the lines from `start` (0-based) to before `end` by `text`'s lines. */
export interface LineEdit {
  start: number;
  end: number;
  lines: string[];
}

/** The smallest set of whole-line replacements that turns one text into the other, top to bottom. */
export function lineEdits(from: string, to: string): LineEdit[] {
  return diffIndices(lines(from), lines(to)).map(({ buffer1: [start, length], buffer2Content }) => ({
    start,
    end: start + length,
    lines: buffer2Content,
  }));
}

/** Where `to` differs from `from`, in lines of `to`. */
export function lineChanges(from: string, to: string): LineChange[] {
  if (from === "") return to === "" ? [] : [{ kind: "added", start: 1, end: lines(to).length + 1 }];
  return diffIndices(lines(from), lines(to)).map(({ buffer1: [, before], buffer2: [start, after] }) => ({
    kind: before === 0 ? "added" : after === 0 ? "removed" : "changed",
    start: start + 1,
    end: start + 1 + after,
  }));
}

function lines(text: string): string[] {
  return text.split("\n");
}
