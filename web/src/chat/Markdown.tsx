import { memo, useMemo, useState } from "react";
import { createReader, type Section } from "./markdown/document";
import { collectReferences, NO_REFERENCES, type References } from "./markdown/references";
import { renderTree } from "./markdown/render";

interface MarkdownProps {
  text: string;
  /** True while the text may still grow: what is open at its end is shown as if it were closed. */
  live?: boolean;
}

/** Markdown that may still be growing. Nothing in it can run, load from elsewhere, or leave this page. */
export const Markdown = memo(function Markdown({ text, live = false }: MarkdownProps) {
  const [reader] = useState(createReader);
  const { sections } = reader.read(text, live);
  const references = useMemo(() => collectReferences(sections), [sections]);
  return (
    <div className="prose min-w-0 break-words">
      {sections.map((section) => (
        <SectionView
          key={section.start}
          section={section}
          references={section.source.includes("[") ? references : NO_REFERENCES}
        />
      ))}
      {references.footnotes.length > 0 && (
        <section aria-label="Footnotes" className="border-t border-line pt-2 text-[13px] text-muted">
          <ol>
            {references.footnotes.map((note) => (
              <li key={note.identifier}>{renderTree(note, references)}</li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
});

const SectionView = memo(function SectionView({ section, references }: { section: Section; references: References }) {
  return renderTree({ children: section.nodes }, references);
});
