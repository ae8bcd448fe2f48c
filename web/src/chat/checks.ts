import { createContext } from "react";
import type { Check } from "../api/types";
import type { ChatMessage } from "./model";

/** Opens the list of the app's problems; null where there is none beside the chat. */
export const OpenProblemsContext = createContext<(() => void) | null>(null);

/** The newest check that the chat tells of. */
export function latestCheck(messages: readonly ChatMessage[]): Check | null {
  for (const { parts } of messages.toReversed()) {
    const part = parts.findLast((part) => part.kind === "check");
    if (part) return part.check;
  }
  return null;
}
