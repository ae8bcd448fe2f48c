import { monaco } from "./monacoSetup";

type Editor = monaco.editor.IStandaloneCodeEditor;

/** Shows the replacement that Claude writes at its place in the file, before the file itself changes. */
export function createIncomingEdit(editor: Editor) {
  let zone: { id: string; afterLine: number; lines: number } | null = null;
  const node = document.createElement("div");
  node.className = "being-written";
  // The status line says what is being written; the text itself would be read out over and over.
  node.setAttribute("aria-hidden", "true");

  function clear(): void {
    const { id } = zone ?? {};
    if (id !== undefined) editor.changeViewZones((zones) => zones.removeZone(id));
    zone = null;
  }

  function show(text: string): void {
    const place = placeOf(editor.getModel()?.getValue() ?? "", text);
    if (place === null) {
      clear();
      return;
    }
    const lines = text.split("\n").length;
    editor.applyFontInfo(node);
    node.style.lineHeight = `${editor.getOption(monaco.editor.EditorOption.lineHeight)}px`;
    node.textContent = text;
    if (zone?.afterLine === place && zone.lines === lines) return;
    const isFirst = zone === null;
    clear();
    editor.changeViewZones((zones) => {
      const id = zones.addZone({ afterLineNumber: place, heightInLines: lines, domNode: node });
      zone = { id, afterLine: place, lines };
    });
    if (isFirst) editor.revealLineInCenter(Math.max(1, place));
    else editor.revealLine(Math.min(place + 1, editor.getModel()?.getLineCount() ?? 1));
  }

  return { show, clear };
}

/**
 * The line behind which a replacement most likely goes, or null where that cannot be told. What it replaces is not
 * known while it is written, but most replacements begin with a line that is in the file already.
 */
export function placeOf(text: string, replacement: string): number | null {
  const written = replacement.split("\n").slice(0, -1);
  const lines = text.split("\n").map((line) => line.trim());
  for (const line of written.slice(0, 3)) {
    const wanted = line.trim();
    if (wanted.length < 3) continue;
    const at = lines.indexOf(wanted);
    if (at >= 0 && at === lines.lastIndexOf(wanted)) return at;
  }
  return null;
}
