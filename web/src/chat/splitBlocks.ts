const FENCE = /^ {0,3}(`{3,}|~{3,})/;
/** A list item, and by what its list is told from another: the bullet, or what follows the number. */
const LIST_ITEM = /^ {0,3}(?:([-*+])|\d{1,9}([.)]))(?: |$)/;
const INDENTED = /^(?: {2,}|\t)/;
/** The address behind a link or image that names it elsewhere: `[name]: https://...`. */
const DEFINITION = /^ {0,3}\[(?!\^)[^\]]+\]:\s*\S/;

/**
 * Markdown cut into its top-level blocks, so that while a text grows only the last block is parsed
 * again. Cuts at blank lines only; fenced code, and lists with their blank lines, stay whole.
 * Addresses that are given apart go along with every block that may name them.
 */
export function splitBlocks(markdown: string): string[] {
  const blocks: string[] = [];
  const definitions: string[] = [];
  let current: string[] = [];
  let fence: string | null = null;
  let list: string | null = null;
  let blankBefore = false;

  const end = () => {
    if (current.length > 0) blocks.push(current.join("\n"));
    current = [];
    list = null;
  };

  for (const line of markdown.split("\n")) {
    const marker = FENCE.exec(line)?.[1];
    if (fence !== null) {
      current.push(line);
      if (marker?.startsWith(fence) && line.trim() === marker) fence = null;
      continue;
    }
    if (line.trim() === "") {
      blankBefore = true;
      if (list) current.push(line);
      else end();
      continue;
    }
    const item = listOf(line);
    if (blankBefore && !(list && (item === list || INDENTED.test(line)))) end();
    blankBefore = false;
    if (current.length === 0) list = item;
    if (marker) fence = marker;
    if (DEFINITION.test(line)) definitions.push(line);
    current.push(line);
  }
  end();
  if (definitions.length === 0) return blocks;
  return blocks.map((block) => (block.includes("[") ? [block, "", ...definitions].join("\n") : block));
}

function listOf(line: string): string | null {
  const [, bullet, delimiter] = LIST_ITEM.exec(line) ?? [];
  return bullet ?? delimiter ?? null;
}
