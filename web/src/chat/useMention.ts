import { useState } from "react";
import { matchFiles, mentionAt } from "./mentions";

/** The mention that is being typed, and the files that it may mean. */
export function useMention(files: readonly string[], text: string) {
  const [place, setPlace] = useState<{ text: string; caret: number } | null>(null);
  const [active, setActive] = useState(0);
  const at = place && place.text === text ? mentionAt(text, place.caret) : null;
  const options = at ? matchFiles(files, at.query) : [];
  return {
    at,
    options,
    active: Math.min(active, Math.max(0, options.length - 1)),
    look(text: string, caret: number) {
      setPlace({ text, caret });
      setActive(0);
    },
    move: (by: number) => setActive((active + by + options.length) % options.length),
    close: () => setPlace(null),
  };
}
