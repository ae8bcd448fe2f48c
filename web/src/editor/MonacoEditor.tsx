import { useEffect, useLayoutEffect, useRef } from "react";
import { lineEdits } from "../files/merge";
import type { Theme } from "../ui/theme";
import { languageOf } from "./languages";
import { fullText, loadReactTypes, monaco, PLAIN_BRACKETS } from "./monacoSetup";

export interface EditorFile {
  path: string;
  content: string;
}

export interface MonacoEditorProps {
  /** Prefix of the models' addresses: two apps may have a file of the same path. */
  appId: string;
  /** The open files; a model lives as long as its file is among them. */
  files: EditorFile[];
  activeFile: string;
  theme: Theme;
  onFileChange(path: string, content: string): void;
  onSave(path: string): void;
}

type Editor = monaco.editor.IStandaloneCodeEditor;

/**
 * The code editor. Content that comes from outside is applied as the smallest edit, so that cursor,
 * scroll position and undo history of an open file survive an edit of the assistant.
 */
export default function MonacoEditor(props: MonacoEditorProps) {
  const { appId, files, activeFile, theme } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor>(null);
  const models = useRef(new Map<string, OpenModel>());
  const shown = useRef<string>(null);
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!host.current) return;
    const created = monaco.editor.create(host.current, {
      model: null,
      automaticLayout: true,
      ariaLabel: "Code editor",
      fontSize: 13,
      lineHeight: 20,
      fontFamily:
        "ui-monospace, 'SF Mono', 'Cascadia Code', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
      minimap: { enabled: false },
      padding: { top: 12, bottom: 12 },
      scrollBeyondLastLine: false,
      smoothScrolling: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      stickyScroll: { enabled: false },
      tabSize: 2,
      fixedOverflowWidgets: true,
      renderLineHighlightOnlyWhenFocus: true,
    });
    created.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () =>
      latest.current.onSave(latest.current.activeFile),
    );
    editor.current = created;
    const open = models.current;
    return () => {
      created.dispose();
      for (const { model } of open.values()) model.dispose();
      open.clear();
      shown.current = null;
    };
  }, []);

  useEffect(() => {
    monaco.editor.setTheme(theme === "dark" ? "aicode-dark" : "aicode-light");
  }, [theme]);

  useEffect(() => {
    const open = models.current;
    for (const file of files) {
      const known = open.get(file.path);
      if (known) applyContent(known, file.content);
      else open.set(file.path, createModel(appId, file, latest));
      if (/\.[cm]?[jt]sx?$/.test(file.path)) void loadReactTypes();
    }
    const wanted = new Set(files.map((file) => file.path));
    for (const [path, { model }] of open) {
      if (wanted.has(path)) continue;
      model.dispose();
      open.delete(path);
    }
    show(editor.current, open, shown, activeFile);
  }, [appId, files, activeFile]);

  return <div ref={host} className="h-full w-full" data-testid="monaco" />;
}

interface OpenModel {
  model: monaco.editor.ITextModel;
  /** True while an edit from outside is applied: it is not the person's own. */
  applying: boolean;
  viewState: monaco.editor.ICodeEditorViewState | null;
}

function createModel(appId: string, file: EditorFile, latest: { current: MonacoEditorProps }): OpenModel {
  const uri = monaco.Uri.from({ scheme: "file", path: `/${appId}/${file.path}` });
  monaco.editor.getModel(uri)?.dispose();
  const model = monaco.editor.createModel(file.content, languageOf(file.path), uri);
  model.updateOptions(PLAIN_BRACKETS);
  const opened: OpenModel = { model, applying: false, viewState: null };
  model.onDidChangeContent(() => {
    if (!opened.applying) latest.current.onFileChange(file.path, fullText(model));
  });
  return opened;
}

function applyContent(open: OpenModel, content: string): void {
  const { model } = open;
  if (fullText(model) === content) return;
  const lastLine = model.getLineCount();
  const edits = lineEdits(plainText(model.getValue()), plainText(content)).map(({ start, end, lines }) => {
    if (end < lastLine) {
      const text = lines.map((line) => `${line}\n`).join("");
      return { range: new monaco.Range(start + 1, 1, end + 1, 1), text };
    }
    // The last line has no line feed of its own to replace, so the one before it goes along.
    const from = start === 0 ? new monaco.Position(1, 1) : new monaco.Position(start, model.getLineMaxColumn(start));
    const text = (start === 0 ? "" : lines.length > 0 ? "\n" : "") + lines.join("\n");
    return {
      range: new monaco.Range(from.lineNumber, from.column, lastLine, model.getLineMaxColumn(lastLine)),
      text,
    };
  });
  open.applying = true;
  try {
    model.pushStackElement();
    model.pushEditOperations([], edits, () => null);
    model.pushStackElement();
  } finally {
    open.applying = false;
  }
}

/** As Monaco counts lines: without a byte order mark, and with line feeds alone. */
function plainText(text: string): string {
  return text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
}

function show(
  editor: Editor | null,
  models: Map<string, OpenModel>,
  shown: { current: string | null },
  path: string,
): void {
  const next = models.get(path);
  if (!editor || !next || editor.getModel() === next.model) return;
  const before = shown.current ? models.get(shown.current) : undefined;
  if (before) before.viewState = editor.saveViewState();
  editor.setModel(next.model);
  // Tab writes a tab here, so whoever uses the keyboard must know how to leave.
  editor.updateOptions({ ariaLabel: `Code editor, ${path}. Control+M lets Tab leave the editor.` });
  if (next.viewState) editor.restoreViewState(next.viewState);
  shown.current = path;
}
