/** What all editors of the page have in common. */
import { useEffect } from "react";
import type { Theme } from "../ui/theme";
import { languageOf } from "./languages";
import { monaco } from "./monacoSetup";

/** Brackets in the colours of the theme, which has few. */
const PLAIN_BRACKETS = {
  bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
};
const TOUCHES = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

export function createModel(path: string, text: string, uri?: monaco.Uri): monaco.editor.ITextModel {
  const model = monaco.editor.createModel(text, languageOf(path), uri);
  model.updateOptions(PLAIN_BRACKETS);
  return model;
}

export function useEditorTheme(theme: Theme): void {
  useEffect(() => {
    monaco.editor.setTheme(theme === "dark" ? "aicode-dark" : "aicode-light");
  }, [theme]);
}

/** Calls back whenever the vendor scrolls, types, or clicks into the text; gives the way to end that. */
export function onTouch(element: HTMLElement, touched: () => void): () => void {
  for (const event of TOUCHES) element.addEventListener(event, touched, { passive: true, capture: true });
  return () => {
    for (const event of TOUCHES) element.removeEventListener(event, touched, { capture: true });
  };
}
