/** An ending that follows what is put in as the app runs: `/photos/${id}.jpg`, or "/photos/" + id + ".jpg". */
const MADE = /(?:\}|["'`])\.([a-z0-9]{2,5})\b/gi;

interface Mentions {
  text: string;
  /** The file names that were looked for. */
  names: readonly string[];
  found: readonly string[];
  endings: readonly string[];
}

/**
 * Finds the files that an app's texts name, wherever the address leads: those that are named as they are called, then
 * those whose ending stands in an address that is put together. Each text is looked through once, until it changes.
 */
export function createNamed() {
  const known = new Map<string, Mentions>();
  let names: readonly string[] = [];

  function mentionsOf(path: string, text: string): Mentions {
    const before = known.get(path);
    if (before?.text === text && before.names === names) return before;
    const found = names.filter((name) => text.includes(name) || text.includes(encodeURIComponent(name)));
    const endings = [...text.matchAll(MADE)].map(([, ending = ""]) => ending.toLowerCase());
    const mentions = { text, names, found, endings };
    known.set(path, mentions);
    return mentions;
  }

  return <File extends { path: string }>(texts: ReadonlyMap<string, string>, files: readonly File[]): File[] => {
    const wanted = [...new Set(files.map(({ path }) => nameOf(path)))];
    if (wanted.join("/") !== names.join("/")) names = wanted;
    for (const path of known.keys()) if (!texts.has(path)) known.delete(path);
    if (names.length === 0) return [];
    const mentions = [...texts].map(([path, text]) => mentionsOf(path, text));
    const found = new Set(mentions.flatMap((one) => one.found));
    const endings = new Set(mentions.flatMap((one) => one.endings));
    const isFound = ({ path }: File) => found.has(nameOf(path));
    const isMade = (file: File) => !isFound(file) && endings.has(nameOf(file.path).replace(/^.*\./, "").toLowerCase());
    return [...files.filter(isFound), ...files.filter(isMade)];
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
