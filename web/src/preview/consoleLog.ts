import type { ConsoleEntry } from "./model";

/** Lines that are kept; the oldest go first. */
export const CONSOLE_LIMIT = 500;
/** UTF-16 units of one line that are kept. */
const TEXT_LIMIT = 20_000;
/** An app that prints in a loop may redraw the console about this often, in ms. */
const PUBLISH_EVERY = 50;

export type NewEntry = Omit<ConsoleEntry, "id" | "count">;

/** The lines of an app's console, repeats folded into one; told in bundles to whoever shows them. */
export function createConsoleLog(onChange: (entries: readonly ConsoleEntry[], errors: number) => void) {
  let entries: ConsoleEntry[] = [];
  let errors = 0;
  let nextId = 1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let unpublished = false;

  function publish(): void {
    if (!unpublished) return;
    unpublished = false;
    entries = entries.slice(-CONSOLE_LIMIT);
    onChange(entries, errors);
  }
  function changed(): void {
    unpublished = true;
    if (timer !== undefined) return;
    publish();
    timer = setTimeout(() => {
      timer = undefined;
      publish();
    }, PUBLISH_EVERY);
  }

  return {
    publish,
    add(entry: NewEntry): void {
      if (entry.level === "error") errors += 1;
      const last = entries.at(-1);
      // Published arrays are never changed.
      if (!unpublished) entries = [...entries];
      if (last && isSame(last, entry)) {
        entries[entries.length - 1] = { ...last, count: last.count + 1 };
      } else {
        entries.push({ ...entry, text: entry.text.slice(0, TEXT_LIMIT), id: nextId++, count: 1 });
        if (entries.length > 2 * CONSOLE_LIMIT) entries = entries.slice(-CONSOLE_LIMIT);
      }
      changed();
    },
    clear(): void {
      entries = [];
      errors = 0;
      changed();
      publish();
    },
    forgetErrors(): void {
      if (errors === 0) return;
      errors = 0;
      changed();
    },
  };
}

function isSame(kept: ConsoleEntry, next: NewEntry): boolean {
  return (
    kept.level === next.level &&
    kept.text === next.text.slice(0, TEXT_LIMIT) &&
    kept.at?.path === next.at?.path &&
    kept.at?.line === next.at?.line
  );
}
