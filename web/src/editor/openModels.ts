import { plainText } from "../files/lineEnds";
import { lineEdits } from "../files/merge";
import { createModel } from "./editorTraits";
import { languageOf } from "./languages";
import { fullText, monaco } from "./monacoSetup";

/** An open file; `id` stays when it is renamed. */
export interface EditorFile {
  id: number;
  path: string;
  content: string;
}

/** Who keeps the texts that are typed here. */
export interface Texts {
  attach(id: number, buffer: { read(): string; write(text: string): void }): () => void;
  typed(id: number): void;
}

interface OpenModel {
  model: monaco.editor.ITextModel;
  detach(): void;
  viewState: monaco.editor.ICodeEditorViewState | null;
}

export type OpenModels = ReturnType<typeof createOpenModels>;

/**
 * Monaco's models of the open files, with cursor and scroll position of those in the background. A file that is
 * renamed keeps its model, and with it its undo history: the address of a model cannot change, but its language can.
 */
export function createOpenModels(appId: string, texts: () => Texts) {
  const models = new Map<number, OpenModel>();

  function create({ id, path, content }: EditorFile): OpenModel {
    const model = createModel(path, content, freeUri(appId, path));
    let applying = false;
    model.onDidChangeContent(() => {
      // An edit from outside is not the vendor's own.
      if (!applying) texts().typed(id);
    });
    const detach = texts().attach(id, {
      read: () => fullText(model),
      write: (text) => {
        applying = true;
        try {
          replaceText(model, text);
        } finally {
          applying = false;
        }
      },
    });
    return { model, detach, viewState: null };
  }

  function close(id: number): void {
    const known = models.get(id);
    known?.detach();
    known?.model.dispose();
    models.delete(id);
  }

  return {
    get: (id: number) => models.get(id),
    /** A model lives as long as its file is among these. */
    sync(files: readonly EditorFile[]): void {
      const wanted = new Set(files.map((file) => file.id));
      for (const id of models.keys()) if (!wanted.has(id)) close(id);
      for (const file of files) {
        const known = models.get(file.id);
        if (!known) models.set(file.id, create(file));
        else monaco.editor.setModelLanguage(known.model, languageOf(file.path));
      }
    },
    dispose(): void {
      for (const id of models.keys()) close(id);
    },
  };
}

/** An address for the path; another file that was renamed away from there may hold the plain one still. */
function freeUri(appId: string, path: string): monaco.Uri {
  for (let place = 0; ; place += 1) {
    const uri = monaco.Uri.from({ scheme: "file", path: `/${appId}${place > 0 ? `~${place}` : ""}/${path}` });
    if (!monaco.editor.getModel(uri)) return uri;
  }
}

/** Replaces only the lines that differ, so that cursor, scroll position and undo history survive. */
function replaceText(model: monaco.editor.ITextModel, text: string): void {
  if (fullText(model) === text) return;
  const lastLine = model.getLineCount();
  const edits = lineEdits(plainText(model.getValue()), plainText(text)).map(({ start, end, lines }) => {
    if (end < lastLine) {
      return { range: new monaco.Range(start + 1, 1, end + 1, 1), text: lines.map((line) => `${line}\n`).join("") };
    }
    // The last line has no line feed of its own to replace, so the one before it goes along.
    const from = start === 0 ? new monaco.Position(1, 1) : new monaco.Position(start, model.getLineMaxColumn(start));
    return {
      range: new monaco.Range(from.lineNumber, from.column, lastLine, model.getLineMaxColumn(lastLine)),
      text: (start === 0 ? "" : lines.length > 0 ? "\n" : "") + lines.join("\n"),
    };
  });
  model.pushStackElement();
  model.pushEditOperations([], edits, () => null);
  model.pushStackElement();
}
