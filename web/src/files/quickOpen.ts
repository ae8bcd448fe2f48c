/** Finding a file by a few letters of its path. */

/**
 * The paths that hold the letters of the query in their order, best first. Without a query: those at hand, e.g. the
 * open tabs, and then the others.
 */
export function rankPaths(
  paths: readonly string[],
  query: string,
  { atHand = [], limit = 50 }: { atHand?: readonly string[]; limit?: number } = {},
): string[] {
  const wanted = query.toLowerCase().replaceAll(/\s/g, "");
  if (!wanted) return [...new Set([...atHand, ...paths])].slice(0, limit);
  const near = new Set(atHand);
  return paths
    .map((path) => ({ path, score: score(path, wanted) + (near.has(path) ? 2 : 0) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1))
    .slice(0, limit)
    .map(({ path }) => path);
}

/** How well a path fits, 0 where it does not: runs of letters, starts of words and the file's own name count more. */
function score(path: string, wanted: string): number {
  const lower = path.toLowerCase();
  const nameAt = path.lastIndexOf("/") + 1;
  const inName = run(path, lower, wanted, nameAt);
  return inName > 0 ? inName * 2 : run(path, lower, wanted, 0);
}

function run(path: string, lower: string, wanted: string, from: number): number {
  let total = 0;
  let next = from;
  let last = -2;
  for (const letter of wanted) {
    const at = lower.indexOf(letter, next);
    if (at < 0) return 0;
    const isStart = at === from || /[/._\-\s]/.test(path[at - 1] ?? "") || isCapital(path, at);
    total += 1 + (at === last + 1 ? 4 : 0) + (isStart ? 3 : 0);
    last = at;
    next = at + letter.length;
  }
  return total;
}

function isCapital(path: string, at: number): boolean {
  const letter = path[at] ?? "";
  return letter !== letter.toLowerCase();
}
