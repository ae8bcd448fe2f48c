const styles = new Map<string, HTMLStyleElement>();

/** Tailwind's directives: a sheet with one of them is compiled by Tailwind, every other is taken as it is. */
const DIRECTIVES =
  /@(?:tailwind|theme|apply|utility|variant|custom-variant|source|reference|plugin|config|layer)\b|@import\s+["']tailwindcss/;

/** Puts the style sheet of a module into the document, or takes it out. */
export function putStyle(id: string, css: string | null): void {
  const present = styles.get(id);
  if (css === null) {
    present?.remove();
    styles.delete(id);
    return;
  }
  const style = present ?? document.createElement("style");
  if (style.textContent !== css) style.textContent = css;
  if (present) return;
  style.dataset.file = id;
  if (DIRECTIVES.test(css)) style.type = "text/tailwindcss";
  document.head.append(style);
  styles.set(id, style);
}
