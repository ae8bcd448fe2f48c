import { useEffect, useRef } from "react";
import type { Place } from "./state";

interface PlainEditorProps {
  path: string;
  /** With line feeds alone, as a text box has it. */
  text: string;
  place: Place | null;
  onChange(path: string, text: string): void;
}

/** A text box in place of the code editor, for small screens. */
export function PlainEditor({ path, text, place, onChange }: PlainEditorProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element || place?.path !== path) return;
    const lines = element.value.split("\n");
    const before = lines.slice(0, place.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    element.focus();
    element.setSelectionRange(before + place.column - 1, before + (lines[place.line - 1]?.length ?? 0));
    // Two lines above the place stay in sight.
    element.scrollTop = Math.max(0, place.line - 3) * Number.parseFloat(getComputedStyle(element).lineHeight);
  }, [place, path]);
  return (
    <textarea
      ref={box}
      aria-label={`Contents of ${path}`}
      value={text}
      onChange={(event) => onChange(path, event.target.value)}
      spellCheck={false}
      autoCapitalize="off"
      autoCorrect="off"
      wrap="off"
      className="block h-full w-full resize-none bg-surface p-3.5 font-mono text-[16px] leading-6 -outline-offset-2"
    />
  );
}
