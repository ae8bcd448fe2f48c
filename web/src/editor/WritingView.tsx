import { useEffect, useLayoutEffect, useRef } from "react";
import type { Theme } from "../ui/theme";
import { createModel, onTouch, useEditorTheme } from "./editorTraits";
import { EDITOR_OPTIONS, monaco } from "./monacoSetup";

export interface WritingViewProps {
  path: string;
  text: string;
  theme: Theme;
  /** Whether the end of the text stays in sight. */
  following: boolean;
  /** The vendor scrolls, or clicks into the text. */
  onTouched(): void;
}

/** A file that is not stored yet, while Claude writes it: to be read only, the end of it in sight. */
export default function WritingView({ path, text, theme, following, onTouched }: WritingViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(null);
  const latest = useRef({ text, onTouched });
  useLayoutEffect(() => {
    latest.current = { text, onTouched };
  });

  useEffect(() => {
    if (!host.current) return;
    const element = host.current;
    const model = createModel(path, latest.current.text);
    const created = monaco.editor.create(element, {
      ...EDITOR_OPTIONS,
      model,
      readOnly: true,
      ariaLabel: `${path}, while Claude writes it`,
      // Half a file is full of mistakes that will be none.
      renderValidationDecorations: "off",
    });
    editor.current = created;
    const forget = onTouch(element, () => latest.current.onTouched());
    return () => {
      forget();
      created.dispose();
      model.dispose();
      editor.current = null;
    };
  }, [path]);

  useEditorTheme(theme);

  useEffect(() => {
    const model = editor.current?.getModel();
    if (!model) return;
    append(model, text);
    if (!following) return;
    const lastLine = model.getLineCount();
    editor.current?.setPosition({ lineNumber: lastLine, column: model.getLineMaxColumn(lastLine) });
    editor.current?.revealLine(lastLine, monaco.editor.ScrollType.Immediate);
  }, [text, following]);

  return <div ref={host} className="h-full w-full" />;
}

/** Adds what is new at the end; another text, where a step was tried again, replaces all. */
function append(model: monaco.editor.ITextModel, text: string): void {
  const plain = text.replaceAll("\r", "");
  const shown = model.getValue(monaco.editor.EndOfLinePreference.LF);
  if (!plain.startsWith(shown)) {
    model.setValue(plain);
    return;
  }
  const lastLine = model.getLineCount();
  const end = model.getLineMaxColumn(lastLine);
  model.applyEdits([{ range: new monaco.Range(lastLine, end, lastLine, end), text: plain.slice(shown.length) }]);
}
