import type { Definition, FootnoteDefinition, Nodes, RootContent } from "mdast";
import { type Known, NOTHING_KNOWN, parse } from "./syntax";

/** Closes what is open at the end of a growing text; until it is here, such a text is shown as it is. */
let closing: typeof import("./closing") | null = null;

/** Only an answer that is being written needs it, so the page need not wait for it to begin. */
export async function loadClosing(): Promise<void> {
  closing = await import("./closing").catch(() => null);
}

/** Neighbouring blocks of Markdown with no blank line between them. */
export interface Section {
  /** Where it begins in the text: what it keeps while the text grows. */
  start: number;
  source: string;
  nodes: RootContent[];
  links: Definition[];
  footnotes: FootnoteDefinition[];
  /** Footnotes that its text points to, in order. */
  notes: string[];
  /** What it was told of the rest of the document. */
  known: Known;
}

interface MarkdownDocument {
  text: string;
  sections: Section[];
  known: Known;
}

const EMPTY: MarkdownDocument = { text: "", sections: [], known: NOTHING_KNOWN };

/** Reads a text again and again while it grows, and only its end anew: settled sections stay the same objects. */
export function createReader() {
  let latest = EMPTY;
  let isOf = { text: "", live: false };
  return {
    /** `live` says that the text may still grow. */
    read(text: string, live = false): MarkdownDocument {
      if (text !== isOf.text || live !== isOf.live) latest = read(text, live, latest);
      isOf = { text, live };
      return latest;
    },
  };
}

function read(given: string, live: boolean, before: MarkdownDocument): MarkdownDocument {
  const text = given.replace(/\r\n?/g, "\n");
  const kept = settled(text, before);
  const from = kept === 0 ? 0 : (before.sections[kept]?.start ?? 0);
  const cut = [...before.sections.slice(0, kept), ...sectionsOf(text.slice(from), from, live, before.known)];
  const known = knownIn(cut, before.known);
  const sections = cut.map((section, index) => {
    const { start, source } = section;
    const earlier = before.sections[index];
    if (earlier?.start === start && earlier.source === source && isAware(earlier, known)) return earlier;
    return isAware(section, known) ? section : sectionOf(start, source, parse(source, known).children, known);
  });
  return { text, sections, known };
}

/** How many sections of the document are the same in a text that has grown. */
function settled(text: string, before: MarkdownDocument): number {
  if (before.sections.length === 0 || !text.startsWith(before.text)) return 0;
  // The last line may have been cut anywhere, and what it turns into may belong to the section above it.
  const lastLine = before.text.lastIndexOf("\n") + 1;
  return Math.max(
    0,
    before.sections.findLastIndex((section) => section.start < lastLine),
  );
}

/** The sections of a text that begins at `offset` in its document. */
function sectionsOf(text: string, offset: number, live: boolean, known: Known): Section[] {
  const groups: RootContent[][] = [];
  let end = 0;
  for (const node of parse(text, known).children) {
    const gap = text.slice(end, offsetOf(node));
    const group = groups.at(-1);
    if (group && !/\n[ \t]*\n/.test(gap)) group.push(node);
    else groups.push([node]);
    end = node.position?.end.offset ?? end;
  }
  // From the beginning of its line: the indentation of code and lists is a part of them.
  const starts = groups.map(([first]) => (first ? text.lastIndexOf("\n", offsetOf(first) - 1) + 1 : 0));
  return groups.map((nodes, index) => {
    const start = starts[index] ?? 0;
    const source = text.slice(start, starts[index + 1]);
    const isOpen = live && index === groups.length - 1;
    const shown = isOpen && closing ? closing.closeOpenEnds(source, nodes, start) : source;
    const tree = shown === source ? nodes : parse(shown, known).children;
    return sectionOf(offset + start, shown, tree, known);
  });
}

function sectionOf(start: number, source: string, nodes: RootContent[], known: Known): Section {
  const section: Section = { start, source, nodes, links: [], footnotes: [], notes: [], known };
  const collect = (node: Nodes, inNote: boolean) => {
    if (node.type === "definition") section.links.push(node);
    else if (node.type === "footnoteDefinition") section.footnotes.push(node);
    else if (node.type === "footnoteReference" && !inNote) section.notes.push(node.identifier);
    if (!("children" in node)) return;
    for (const child of node.children) collect(child, inNote || node.type === "footnoteDefinition");
  };
  // Only these begin with a bracket, and most sections have none.
  if (source.includes("[")) for (const node of nodes) collect(node, false);
  return section;
}

/** Identifiers as the tokenizer compares them; the same object where nothing has changed. */
function knownIn(sections: Section[], before: Known): Known {
  const known: Known = {
    links: sections.flatMap(({ links }) => links.map(({ identifier }) => identifier.toUpperCase())),
    footnotes: sections.flatMap(({ footnotes }) => footnotes.map(({ identifier }) => identifier.toUpperCase())),
  };
  return same(known, before) ? before : known;
}

/** Whether the section would read no differently with this knowledge. */
function isAware(section: Section, known: Known): boolean {
  return section.known === known || !section.source.includes("[") || same(section.known, known);
}

function same(a: Known, b: Known): boolean {
  return `${a.links}` === `${b.links}` && `${a.footnotes}` === `${b.footnotes}`;
}

function offsetOf(node: RootContent): number {
  return node.position?.start.offset ?? 0;
}
