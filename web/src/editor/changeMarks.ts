import type { LineChange } from "../files/state";
import { monaco } from "./monacoSetup";

type Editor = monaco.editor.IStandaloneCodeEditor;

/** Marks the changed lines beside their numbers; they move along as the text is edited. */
export function createChangeMarks(editor: Editor) {
  const marks = editor.createDecorationsCollection();

  return {
    show(changes: readonly LineChange[]): void {
      marks.set(
        changes.map(({ kind, start, end }) => ({
          range: new monaco.Range(start, 1, Math.max(start, end - 1), 1),
          options: {
            isWholeLine: true,
            linesDecorationsClassName: `change-mark change-${kind}`,
            ...(kind === "removed" ? {} : { className: "change-line" }),
            overviewRuler: { color: "#0f6b5499", position: monaco.editor.OverviewRulerLane.Left },
          },
        })),
      );
    },
    /** Goes to the change after the cursor, or before it; round at the ends. */
    step(by: 1 | -1): void {
      const lines = marks.getRanges().map((range) => range.startLineNumber);
      const at = editor.getPosition()?.lineNumber ?? 1;
      const next = by > 0 ? lines.find((line) => line > at) : lines.findLast((line) => line < at);
      reveal(editor, next ?? (by > 0 ? lines[0] : lines.at(-1)) ?? at);
    },
    clear: () => marks.clear(),
  };
}

function reveal(editor: Editor, line: number): void {
  editor.setPosition({ lineNumber: line, column: 1 });
  editor.revealLineInCenter(line);
}
