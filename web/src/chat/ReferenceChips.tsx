import { FileText, SquareDashedMousePointer, TextSelect, X } from "lucide-react";
import type { Reference } from "./references";

const ICONS = { file: FileText, selection: TextSelect, element: SquareDashedMousePointer };

interface ReferenceChipsProps {
  references: readonly Reference[];
  onRemove(reference: Reference): void;
}

/** What goes along with the message, each to be taken off again. */
export default function ReferenceChips({ references, onRemove }: ReferenceChipsProps) {
  return (
    <ul aria-label="Attached" className="flex flex-wrap gap-1.5 p-1 pb-1.5">
      {references.map((reference) => {
        const { kind, label, path, line, text } = reference;
        const Icon = ICONS[kind];
        return (
          <li
            key={`${kind} ${label} ${path} ${line}`}
            title={text ?? path}
            className="flex h-7 max-w-full items-center gap-1.5 rounded-lg bg-accent-soft pl-2 text-xs max-md:h-11"
          >
            <Icon size={13} aria-hidden className="shrink-0 text-accent" />
            <span className="min-w-0 truncate">
              {label}
              {kind === "element" && path && (
                <span className="text-muted">{` · ${path.split("/").at(-1)}${line === undefined ? "" : `:${line}`}`}</span>
              )}
            </span>
            <button
              type="button"
              aria-label={`Remove ${label}`}
              onClick={() => onRemove(reference)}
              className="inline-flex h-7 w-7 shrink-0 items-center justify-center rounded-lg text-muted hover:bg-raised hover:text-ink max-md:size-11"
            >
              <X size={13} aria-hidden />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
