import type { Nodes, RootContent } from "mdast";
import remend from "remend";

const COMPLETIONS = { katex: false, htmlTags: false, comparisonOperators: false, linkMode: "text-only" } as const;

/** The first row of a table whose second, which makes it one, is not there yet or not whole. */
const TABLE_HEAD = /(?:^|\n) {0,3}\|[^\n]*\S[^\n]*(?:\n[ |:-]*)?$/;

/**
 * The source of blocks whose end is still being written, with what is open there closed, so that nothing flashes raw.
 * Their offsets count from `start` characters before the source.
 */
export function closeOpenEnds(source: string, nodes: RootContent[], start: number): string {
  const leaf = lastLeaf(nodes);
  if (leaf?.type !== "paragraph" && leaf?.type !== "heading" && leaf?.type !== "tableCell") return source;
  const begin = (leaf.position?.start.offset ?? start) - start;
  const text = source.slice(begin);
  const head = leaf.type === "paragraph" ? TABLE_HEAD.exec(text) : null;
  return source.slice(0, begin) + (head ? text.slice(0, head.index) + asTable(head[0]) : remend(text, COMPLETIONS));
}

/** The beginning of a table as a whole one without rows. */
function asTable(begun: string): string {
  const [row = ""] = begun.trim().split("\n");
  const cells = row.slice(1).split(/(?<!\\)\|/);
  const open = cells.pop()?.trim();
  if (open) cells.push(remend(open, COMPLETIONS));
  return `${begun.startsWith("\n") ? "\n" : ""}|${cells.join("|")}|\n|${"-|".repeat(cells.length)}`;
}

/** The block in which the text ends. */
function lastLeaf(nodes: Nodes[]): Nodes | undefined {
  const last = nodes.at(-1);
  const isLeaf = last?.type === "paragraph" || last?.type === "heading" || last?.type === "tableCell";
  return last && !isLeaf && "children" in last && last.children.length > 0 ? lastLeaf(last.children) : last;
}
