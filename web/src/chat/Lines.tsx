/** What is shown of one file at most: somebody who reads on is better served by the editor. */
const LINES_SHOWN = 500;

export interface Line {
  text: string;
  /** `place` names a part of a file from which lines are shown. */
  kind: "same" | "added" | "removed" | "place";
}

const TONES = {
  same: "",
  added: "bg-accent-soft text-accent",
  removed: "bg-danger-soft text-danger",
  place: "text-muted",
};
const SIGNS = { same: " ", added: "+", removed: "-", place: "" };

/** Lines of code, or of a change in it. */
export function Lines({ label, lines, signs = false }: { label: string; lines: Line[]; signs?: boolean }) {
  const rest = lines.length - LINES_SHOWN;
  const numbered = lines.slice(0, LINES_SHOWN).map((line, number) => ({ ...line, number }));
  return (
    <>
      <figure
        tabIndex={0}
        dir="ltr"
        translate="no"
        aria-label={label}
        className="max-h-80 overflow-auto bg-paper py-1.5 font-mono text-xs leading-5 -outline-offset-2"
      >
        {numbered.map(({ number, kind, text }) => (
          <div key={number} className={`w-max min-w-full px-3 whitespace-pre ${TONES[kind]}`}>
            {(signs ? SIGNS[kind] + text : text) || " "}
          </div>
        ))}
      </figure>
      {rest > 0 && (
        <p className="border-t border-line px-3 py-1 text-xs text-muted">{`${rest.toLocaleString()} more lines`}</p>
      )}
    </>
  );
}

export function plainLines(text: string): Line[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => ({ text: line, kind: "same" }));
}

const KINDS = new Map<string | undefined, Line["kind"]>([
  ["+", "added"],
  ["-", "removed"],
  ["@", "place"],
]);

/** The lines of a unified diff of one file, without the two that name it. */
export function diffLines(diff: string): Line[] {
  const lines = diff.replace(/\n$/, "").split("\n").slice(2);
  return lines.map((line) => {
    const kind = KINDS.get(line[0]) ?? "same";
    return { kind, text: kind === "place" ? line : line.slice(1) };
  });
}

/** One text in place of another: what both have at their ends is shown once. */
export function replacedLines(before: string, after: string): Line[] {
  const old = before === "" ? [] : before.replace(/\n$/, "").split("\n");
  const fresh = after === "" ? [] : after.replace(/\n$/, "").split("\n");
  const shorter = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < shorter && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const lines = (texts: string[], kind: Line["kind"]) => texts.map((text): Line => ({ text, kind }));
  return [
    ...lines(old.slice(0, head), "same"),
    ...lines(old.slice(head, old.length - tail), "removed"),
    ...lines(fresh.slice(head, fresh.length - tail), "added"),
    ...lines(old.slice(old.length - tail), "same"),
  ];
}
