const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?: |$)/;
const INDENTED = /^(?: {2,}|\t)/;

/**
 * Markdown cut into its top-level blocks, so that while a text grows only the last block is parsed
 * again. Cuts at blank lines only; fenced code, and lists with their blank lines, stay whole.
 */
export function splitBlocks(markdown: string): string[] {
  const blocks: string[] = [];
  let current: string[] = [];
  let fence: string | null = null;
  let inList = false;
  let blankBefore = false;

  const end = () => {
    if (current.length > 0) blocks.push(current.join("\n"));
    current = [];
    inList = false;
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
      if (inList) current.push(line);
      else end();
      continue;
    }
    const continuesList = inList && (LIST_ITEM.test(line) || INDENTED.test(line));
    if (blankBefore && !continuesList) end();
    blankBefore = false;
    if (LIST_ITEM.test(line) && current.length === 0) inList = true;
    if (marker) fence = marker;
    current.push(line);
  }
  end();
  return blocks;
}
