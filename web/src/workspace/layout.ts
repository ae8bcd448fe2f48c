import { useMediaQuery } from "../ui/theme";
import type { View } from "./place";

/** How much fits beside each other, by the width of the window. */
export type Room =
  /** Below 768 px: one thing at a time. */
  | "phone"
  /** To 1199 px: the chat and one view; the tree comes over the editor. */
  | "tablet"
  /** To 1599 px: the tree has a place beside the editor. */
  | "desktop"
  /** Code and preview side by side. */
  | "wide";

/** A part of the workspace that is shown or not: each view has one. */
export type Area = View;

export function useRoom(): Room {
  const tablet = useMediaQuery("(min-width: 768px)");
  const desktop = useMediaQuery("(min-width: 1200px)");
  const wide = useMediaQuery("(min-width: 1600px)");
  return wide ? "wide" : desktop ? "desktop" : tablet ? "tablet" : "phone";
}

/** The view in force; null is where one begins: the chat on a phone, else the app itself, with its code where it fits. */
export function chosenView(room: Room, view: View | null): View {
  if (room === "phone") return view ?? "chat";
  if (view === null || view === "chat") return room === "wide" ? "code" : "preview";
  return view;
}

/** What is shown of the workspace in the view in force. */
export function areasOf(room: Room, view: View): ReadonlySet<Area> {
  if (room === "phone") return new Set([view]);
  if (room === "wide" && view === "code") return new Set(["chat", "code", "preview"]);
  return new Set(["chat", view]);
}
