import type { Reference } from "../chat/references";
import type { PickedElement } from "./model";

/** UTF-16 units of an element's words that say which one it is. */
const TEXT_LIMIT = 120;

/** An element of the running app, as it is attached to the next message. */
export function elementReference({ component, text, at }: PickedElement): Reference {
  const words = text.replace(/\s+/g, " ").trim();
  return {
    kind: "element",
    label: component,
    ...(at && { path: at.path, line: at.line }),
    ...(words && { text: words.length > TEXT_LIMIT ? `${words.slice(0, TEXT_LIMIT).trimEnd()}…` : words }),
  };
}
