import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { LineChange, Place } from "../files/state";
import type { Theme } from "../ui/theme";
import { offerToAsk, type Selection } from "./askAbout";
import { createChangeMarks } from "./changeMarks";
import "./editor.css";
import { onTouch, useEditorTheme } from "./editorTraits";
import { FileProblems } from "./FileProblems";
import { createIncomingEdit } from "./incomingEdit";
import { EDITOR_OPTIONS, loadPackageTypes, monaco } from "./monacoSetup";
import { createOpenModels, type EditorFile, type OpenModels, type Texts } from "./openModels";

export interface MonacoEditorProps {
  /** Prefix of the models' addresses: two apps may have a file of the same path. */
  appId: string;
  /** The open files; a model lives as long as its file is among them. */
  files: readonly EditorFile[];
  activeFile: string;
  texts: Texts;
  theme: Theme;
  /** Where to go, each time that somebody asks for it. */
  place: Place | null;
  /** The lines to mark in the active file. */
  changes: readonly LineChange[] | null;
  /** To the next change or the previous one; a new object for each step. */
  step: { by: 1 | -1 } | null;
  /** What Claude is writing into the active file, which is read-only meanwhile. */
  incoming: string | null;
  onSave(path: string): void;
  onAsk(path: string, selection: Selection): void;
  /** The vendor scrolls, or clicks into the text. */
  onTouched(): void;
}

interface Parts {
  editor: monaco.editor.IStandaloneCodeEditor;
  models: OpenModels;
  marks: ReturnType<typeof createChangeMarks>;
  incoming: ReturnType<typeof createIncomingEdit>;
}

/**
 * The code editor. It holds the texts while they are typed; what comes from outside is applied as the smallest edit,
 * so that cursor, scroll position and undo history of an open file survive an edit of Claude's.
 */
export default function MonacoEditor(props: MonacoEditorProps) {
  const { appId, files, activeFile, theme, place, changes, step, incoming } = props;
  const host = useRef<HTMLDivElement>(null);
  const parts = useRef<Parts>(null);
  const shown = useRef<number>(null);
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!host.current) return;
    const element = host.current;
    const editor = monaco.editor.create(element, { ...EDITOR_OPTIONS, model: null, ariaLabel: "Code editor" });
    editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () =>
      latest.current.onSave(latest.current.activeFile),
    );
    offerToAsk(editor, (selection) => latest.current.onAsk(latest.current.activeFile, selection));
    const models = createOpenModels(appId, () => latest.current.texts);
    parts.current = { editor, models, marks: createChangeMarks(editor), incoming: createIncomingEdit(editor) };
    const forget = onTouch(element, () => latest.current.onTouched());
    return () => {
      forget();
      editor.dispose();
      models.dispose();
      parts.current = null;
      shown.current = null;
    };
  }, [appId]);

  useEditorTheme(theme);

  useEffect(() => {
    if (!parts.current) return;
    parts.current.models.sync(files);
    const scripts = files.filter(({ path }) => /\.[cm]?[jt]sx?$/.test(path));
    if (scripts.length > 0) void loadPackageTypes(scripts.map(({ content }) => content));
    const active = files.find(({ path }) => path === activeFile);
    if (active) show(parts.current, shown, active);
  }, [files, activeFile]);

  const activeId = files.find(({ path }) => path === activeFile)?.id;

  useEffect(() => {
    const { editor } = parts.current ?? {};
    if (!editor || !place || activeId === undefined || place.path !== latest.current.activeFile) return;
    const position = { lineNumber: place.line, column: place.column };
    editor.setPosition(position);
    editor.revealPositionInCenterIfOutsideViewport(position);
    editor.focus();
  }, [place, activeId]);

  useEffect(() => {
    if (step) parts.current?.marks.step(step.by);
  }, [step]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another file is another model, and the zone is the model's
  useEffect(() => {
    const { editor, incoming: zone } = parts.current ?? {};
    editor?.updateOptions({ readOnly: incoming !== null });
    if (incoming === null) zone?.clear();
    else zone?.show(incoming);
  }, [incoming, activeId]);

  // After what was being written has gone, since that moves the lines below it.
  useEffect(() => {
    const { marks } = parts.current ?? {};
    if (!changes || activeId === undefined) {
      marks?.clear();
      return;
    }
    marks?.show(changes);
    const first = changes[0];
    if (first && parts.current) revealChange(parts.current.editor, first.start);
  }, [changes, activeId]);

  const shownModel = useCallback(() => parts.current?.editor.getModel() ?? null, []);
  return (
    <div className="relative h-full w-full">
      <div ref={host} className="h-full w-full" data-testid="monaco" />
      <FileProblems
        model={shownModel}
        activeFile={activeFile}
        onNext={() => {
          parts.current?.editor.focus();
          parts.current?.editor.trigger("problems", "editor.action.marker.next", null);
        }}
      />
    </div>
  );
}

function show({ editor, models }: Parts, shown: { current: number | null }, file: EditorFile): void {
  // Tab writes a tab here, so whoever uses the keyboard must know how to leave.
  editor.updateOptions({ ariaLabel: `Code editor, ${file.path}. Control+M lets Tab leave the editor.` });
  const next = models.get(file.id);
  if (!next || editor.getModel() === next.model) return;
  const before = shown.current === null ? undefined : models.get(shown.current);
  if (before) before.viewState = editor.saveViewState();
  editor.setModel(next.model);
  if (next.viewState) editor.restoreViewState(next.viewState);
  shown.current = file.id;
}

/** So many lines at the lower end of the editor go to the bar that tells of the changes, which comes in a moment. */
const BAR_LINES = 4;

function revealChange(editor: monaco.editor.IStandaloneCodeEditor, line: number): void {
  const [visible] = editor.getVisibleRanges();
  const isSeen = visible && line >= visible.startLineNumber && line <= visible.endLineNumber - BAR_LINES;
  // At once: a moving view would be stopped by the bar, which changes the editor's height.
  if (!isSeen) editor.revealLineInCenter(line, monaco.editor.ScrollType.Immediate);
}
