import type { Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmFootnote } from "micromark-extension-gfm-footnote";
import { gfmTable } from "micromark-extension-gfm-table";
import { gfmTaskListItem } from "micromark-extension-gfm-task-list-item";
import type { Construct, Extension, ParseContext } from "micromark-util-types";
import { emphasis } from "./emphasis";

const LEFT_BRACKET = 91;
const RIGHT_BRACKET = 93;

/**
 * CommonMark with GitHub's tables, task lists, footnotes, strikethrough and bare links. A tag is text here, so no
 * block begins with one: what stands beside it in the line is still Markdown.
 */
const SYNTAX: Extension[] = [
  { disable: { null: ["htmlFlow"] } },
  gfmAutolinkLiteral(),
  gfmFootnote(),
  gfmTable(),
  gfmTaskListItem(),
  ...emphasis,
];
const TREE = gfmFromMarkdown();

/** What links and footnotes of a text may name although it is defined in another part of the document. */
export interface Known {
  links: string[];
  footnotes: string[];
}

export const NOTHING_KNOWN: Known = { links: [], footnotes: [] };

/** A part of a document that begins and ends where blocks do, as a tree. */
export function parse(source: string, known: Known): Root {
  return fromMarkdown(source, { extensions: [...SYNTAX, knowing(known)], mdastExtensions: [TREE] });
}

/** Tells the tokenizer what is defined elsewhere, just before it looks that up at either end of a label. */
function knowing({ links, footnotes }: Known): Extension {
  const tell: Construct = {
    name: "knownElsewhere",
    tokenize(_effects, _ok, nok) {
      const parser: ParseContext & { gfmFootnotes?: string[] } = this.parser;
      addMissing(parser.defined, links);
      parser.gfmFootnotes ??= [];
      addMissing(parser.gfmFootnotes, footnotes);
      return nok;
    },
  };
  return links.length + footnotes.length > 0 ? { text: { [LEFT_BRACKET]: tell, [RIGHT_BRACKET]: tell } } : {};
}

function addMissing(to: string[], identifiers: string[]): void {
  for (const identifier of identifiers) if (!to.includes(identifier)) to.push(identifier);
}
