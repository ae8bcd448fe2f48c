/** Files that are named in a message by an @ in front of their path. */
export interface Mention {
  /** Where its @ is. */
  start: number;
  /** What was typed after the @. */
  query: string;
}

const MATCHES = 8;

/** The mention that is being typed at the caret; null where there is none. */
export function mentionAt(text: string, caret: number): Mention | null {
  const found = /(?:^|[\s(])@([^\s@]*)$/u.exec(text.slice(0, caret));
  if (!found) return null;
  const query = found[1] ?? "";
  return { start: caret - query.length - 1, query };
}

/** The files that a query may mean, the likeliest first. */
export function matchFiles(files: readonly string[], query: string): string[] {
  const wanted = query.toLowerCase();
  const rank = (path: string): number => {
    const lower = path.toLowerCase();
    const name = lower.slice(lower.lastIndexOf("/") + 1);
    if (name.startsWith(wanted)) return 0;
    if (name.includes(wanted)) return 1;
    return lower.includes(wanted) ? 2 : 3;
  };
  return files
    .map((path) => ({ path, rank: rank(path) }))
    .filter((file) => file.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MATCHES)
    .map((file) => file.path);
}

/** The text with a mention completed, and where the caret belongs then. */
export function completeMention(text: string, mention: Mention, path: string): { text: string; caret: number } {
  const end = mention.start + 1 + mention.query.length;
  const named = `@${/\s/.test(path) ? JSON.stringify(path) : path} `;
  const rest = text.slice(end).replace(/^ /, "");
  return { text: text.slice(0, mention.start) + named + rest, caret: mention.start + named.length };
}
