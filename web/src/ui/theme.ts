import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { storage } from "./storage";

export type Theme = "light" | "dark";
export type ThemeChoice = "system" | Theme;

const KEY = "theme";

/** The theme in force, and the choice behind it: the system's unless one was picked. */
export function useTheme(): { theme: Theme; choice: ThemeChoice; choose(choice: ThemeChoice): void } {
  const [choice, setChoice] = useState(readThemeChoice);
  const systemIsDark = useMediaQuery("(prefers-color-scheme: dark)");
  useEffect(() => applyTheme(choice), [choice]);
  return {
    theme: choice === "system" ? (systemIsDark ? "dark" : "light") : choice,
    choice,
    choose: (next) => {
      storage.setItem(KEY, next);
      setChoice(next);
    },
  };
}

export function readThemeChoice(): ThemeChoice {
  const stored = storage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function applyTheme(choice: ThemeChoice): void {
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
}

export function useMediaQuery(query: string): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => window.matchMedia(query).matches);
}
