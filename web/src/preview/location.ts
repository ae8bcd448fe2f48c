import type { Location } from "./model";

/** "src/App.tsx:12:8" */
export function locationText({ path, line, column }: Location): string {
  return column === undefined ? `${path}:${line}` : `${path}:${line}:${column}`;
}

/** What was typed into the address field as a path of the app: a word means a page, a whole address only its path. */
export function pathOf(typed: string, current: string): string {
  const text = typed.trim();
  const base = `http://app${current.startsWith("/") ? current : "/"}`;
  try {
    const url = new URL(/^([/?#]|[a-z][a-z0-9+.-]*:\/\/)/i.test(text) ? text : `/${text}`, base);
    return url.pathname + url.search + url.hash;
  } catch {
    return "/";
  }
}
