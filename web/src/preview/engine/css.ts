import { dataUrl } from "./files";
import { type Files, join, textOf } from "./resolve";

/** A style sheet as the frame can take it: what it imports from the app is in it, and its pictures are data. */
export function readStyle(path: string, files: Files): string {
  return withPictures(withImports(path, files, new Set()), path, files);
}

/** Styles of the file at `path`, with the pictures and fonts of the app that they name as data. */
export function withPictures(css: string, path: string, files: Files): string {
  return css.replace(/url\(\s*(["']?)([^"')]+)\1\s*\)/g, (whole, _, address: string) => {
    if (/^(data:|blob:|https?:|#|\/\/)/.test(address)) return whole;
    // What follows the name, as in `icons.woff2?#iefix`, is for servers and old browsers.
    const name = address.replace(/[?#].*$/, "").trim();
    const inApp = name.startsWith("/") ? join("", name) : join(path.replace(/[^/]*$/, ""), name);
    const file = [inApp, join("public", inApp)].find((candidate) => files.has(candidate));
    return file === undefined ? whole : `url("${dataUrl(file, files)}")`;
  });
}

function withImports(path: string, files: Files, above: ReadonlySet<string>): string {
  const text = textOf(files, path)
    // The directives of Tailwind 3 in the words of Tailwind 4.
    .replace(/@tailwind\s+(base|components)\s*;/g, "")
    .replace(/@tailwind\s+utilities\s*;/g, '@import "tailwindcss";');
  return text.replace(
    /@import\s+(?:url\(\s*)?["']([^"']+)["']\s*\)?([^;]*);/g,
    (whole, name: string, condition: string) => {
      if (/^(https?:)?\/\//.test(name) || /^tailwindcss(\/(theme|preflight|utilities)(\.css)?)?$/.test(name))
        return whole;
      const file = name.startsWith("/") ? join("", name) : join(path.replace(/[^/]*$/, ""), name);
      if (!files.has(file) || above.has(file)) return `/* "${name}" is not there */`;
      const inner = withImports(file, files, new Set([...above, path]));
      return condition.trim() === "" ? inner : `@media ${condition.trim()} {\n${inner}\n}`;
    },
  );
}

/** The sheet of a CSS module, and the names that its classes have in it. */
export function scopeClasses(path: string, css: string): { css: string; names: Map<string, string> } {
  const names = new Map<string, string>();
  const scoped = (name: string) => {
    const known = names.get(name) ?? `${name}_${hash(path)}`;
    names.set(name, known);
    return known;
  };
  const text = css.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  const renamed = text.replace(/[^{};]+(?=\{)/g, (selector) => {
    if (/^\s*@/.test(selector)) return selector;
    const parts = selector.split(/(:global\([^)]*\))/);
    return parts
      .map((part, at) =>
        at % 2 === 1
          ? part.slice(":global(".length, -1)
          : part.replace(/\.(-?[A-Za-z_][\w-]*)/g, (_, name: string) => `.${scoped(name)}`),
      )
      .join("");
  });
  for (const [, name = "", composed = ""] of renamed.matchAll(/\.([\w-]+)\s*\{[^}]*?composes:\s*([\w\s-]+);/g)) {
    const own = [...names].find(([, full]) => full === name)?.[0];
    if (own) names.set(own, [name, ...composed.trim().split(/\s+/).map(scoped)].join(" "));
  }
  return { css: renamed.replace(/composes:[^;}]*;?/g, ""), names };
}

function hash(text: string): string {
  let value = 5381;
  for (const character of text) value = ((value * 33) ^ (character.codePointAt(0) ?? 0)) >>> 0;
  return value.toString(36);
}
