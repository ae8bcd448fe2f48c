import { useEffect, useLayoutEffect, useRef } from "react";
import type { Theme } from "../ui/theme";
import { createModel, useEditorTheme } from "./editorTraits";
import { fullText, monaco } from "./monacoSetup";

export interface DiffViewProps {
  path: string;
  /** The version that is stored. */
  theirs: string;
  /** One's own text as it is when the view opens; what is typed in it goes to `onChange`. */
  mine: string;
  theme: Theme;
  onChange(path: string, content: string): void;
}

/** Two versions of a file side by side, or in one column where there is little room; one's own can be edited. */
export default function DiffView({ path, theirs, mine, theme, onChange }: DiffViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef({ mine, onChange });
  useLayoutEffect(() => {
    latest.current = { mine, onChange };
  });

  useEffect(() => {
    if (!host.current) return;
    const editor = monaco.editor.createDiffEditor(host.current, {
      automaticLayout: true,
      originalAriaLabel: `Stored version of ${path}`,
      modifiedAriaLabel: `Your version of ${path}`,
      fontSize: 13,
      lineHeight: 20,
      minimap: { enabled: false },
      renderOverviewRuler: false,
      // These are two texts without an app around them: what is said to be wrong with them means nothing.
      renderValidationDecorations: "off",
      scrollBeyondLastLine: false,
    });
    const original = createModel(path, theirs);
    const modified = createModel(path, latest.current.mine);
    editor.setModel({ original, modified });
    modified.onDidChangeContent(() => latest.current.onChange(path, fullText(modified)));
    return () => {
      editor.dispose();
      original.dispose();
      modified.dispose();
    };
  }, [path, theirs]);

  useEditorTheme(theme);

  return <div ref={host} className="h-full w-full" />;
}
