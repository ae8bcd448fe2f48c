import { monaco } from "./monacoSetup";

type Editor = monaco.editor.IStandaloneCodeEditor;

/** Some lines of a file that the vendor wants to talk about. */
export interface Selection {
  line: number;
  endLine: number;
  text: string;
}

/** Offers to ask about what is selected: in the context menu, by a key, and by a button at the selection. */
export function offerToAsk(editor: Editor, ask: (selection: Selection) => void): void {
  const run = () => {
    const selection = selectionOf(editor);
    if (selection) ask(selection);
  };
  editor.addAction({
    id: "ask-about-selection",
    label: "Ask Claude about this selection",
    keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyL],
    precondition: "editorHasSelection",
    contextMenuGroupId: "navigation",
    contextMenuOrder: 0,
    run,
  });

  const button = document.createElement("button");
  button.type = "button";
  // The key and the menu serve who does not use a pointer.
  button.tabIndex = -1;
  button.textContent = "Ask Claude";
  button.title = "Ask Claude about this selection (Ctrl+L)";
  button.className =
    "ask-about rounded-lg border border-line bg-surface px-2.5 py-1 text-xs font-medium whitespace-nowrap text-ink shadow-lg hover:bg-raised";
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", run);
  const widget: monaco.editor.IContentWidget = {
    getId: () => "ask-about-selection",
    getDomNode: () => button,
    getPosition: () => {
      const selection = editor.getSelection();
      if (!selection || selection.isEmpty()) return null;
      const { ABOVE, BELOW } = monaco.editor.ContentWidgetPositionPreference;
      return {
        position: { lineNumber: selection.startLineNumber, column: selection.startColumn },
        preference: [ABOVE, BELOW],
      };
    },
  };
  editor.addContentWidget(widget);
  editor.onDidChangeCursorSelection(() => editor.layoutContentWidget(widget));
  editor.onDidChangeModel(() => editor.layoutContentWidget(widget));
}

function selectionOf(editor: Editor): Selection | null {
  const selection = editor.getSelection();
  const model = editor.getModel();
  if (!model || !selection || selection.isEmpty()) return null;
  const { startLineNumber, endLineNumber, endColumn } = selection;
  // A selection of whole lines ends at the start of the next one.
  const endLine = endColumn === 1 && endLineNumber > startLineNumber ? endLineNumber - 1 : endLineNumber;
  return { line: startLineNumber, endLine, text: model.getValueInRange(selection) };
}
