import type { Definition, FootnoteDefinition, Nodes } from "mdast";
import type { Section } from "./document";

/** What the text of one section needs to know of the whole document. */
export interface References {
  links: ReadonlyMap<string, Definition>;
  /** The numbers of footnotes, by identifier. */
  notes: ReadonlyMap<string, number>;
}

interface Collected extends References {
  footnotes: readonly FootnoteDefinition[];
}

export const NO_REFERENCES: Collected = Object.freeze({ links: new Map(), notes: new Map(), footnotes: [] });

/**
 * The definitions of a document, the first of each name, and its footnotes in the order of their numbers. Where there
 * are none, always the same object: what is drawn with it stays as it is.
 */
export function collectReferences(sections: Section[]): Collected {
  const links = new Map<string, Definition>();
  const defined = new Map<string, FootnoteDefinition>();
  for (const section of sections) {
    for (const link of section.links) if (!links.has(link.identifier)) links.set(link.identifier, link);
    for (const note of section.footnotes) if (!defined.has(note.identifier)) defined.set(note.identifier, note);
  }
  if (links.size === 0 && defined.size === 0) return NO_REFERENCES;
  const ordered = new Set(sections.flatMap(({ notes }) => notes).filter((note) => defined.has(note)));
  // A footnote may point to others, and one that nothing points to is shown all the same.
  for (const identifier of ordered) for (const other of notesIn(defined.get(identifier))) ordered.add(other);
  for (const identifier of defined.keys()) ordered.add(identifier);
  const numbered = [...ordered].flatMap((identifier) => defined.get(identifier) ?? []);
  return { links, notes: new Map(numbered.map((note, index) => [note.identifier, index + 1])), footnotes: numbered };
}

function notesIn(node: Nodes | undefined): string[] {
  if (node?.type === "footnoteReference") return [node.identifier];
  return node && "children" in node ? node.children.flatMap(notesIn) : [];
}
