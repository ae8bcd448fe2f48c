import { parse } from "sucrase/dist/esm/parser";
import { TokenType } from "sucrase/dist/esm/parser/tokenizer/types";

/** Code with a look at the clock in each of its loops; no line is moved. */
export interface Guarded {
  code: string;
  /** What was put in: where in the source, and how long it is. */
  insertions: { at: number; length: number }[];
}

const TICK = "import_tick()";

/**
 * Makes every loop call `import_tick`, which ends one that runs for seconds.
 * Browsers that run the preview in the page's own process would stand still with it for ever.
 */
export function guardLoops(source: string, syntax: { typescript: boolean }): Guarded {
  const { tokens } = parse(source, true, syntax.typescript, false);
  const texts: { at: number; text: string }[] = [];
  const is = (at: number, type: TokenType) => tokens[at]?.type === type;
  for (const [at, { type }] of tokens.entries()) {
    const open = is(at + 1, TokenType.parenL) ? at + 1 : -1;
    if (open === -1) continue;
    const first = tokens[open + 1]?.start;
    if (type === TokenType._while && first !== undefined) {
      texts.push({ at: first, text: `${TICK},` });
    } else if (type === TokenType._for) {
      const { close, semicolon } = clause(tokens, open);
      const next = tokens[semicolon + 1];
      if (semicolon !== -1 && next) {
        texts.push({ at: next.start, text: next.type === TokenType.semi ? TICK : `${TICK},` });
      } else if (semicolon === -1 && is(close + 1, TokenType.braceL)) {
        texts.push({ at: tokens[close + 1]?.end ?? 0, text: `${TICK};` });
      }
    }
  }
  let code = "";
  let from = 0;
  for (const { at, text } of texts) {
    code += source.slice(from, at) + text;
    from = at;
  }
  return {
    code: code + source.slice(from),
    insertions: texts.map(({ at, text }) => ({ at, length: text.length })),
  };
}

/** The end of what stands in these parentheses, and its first semicolon. */
function clause(tokens: readonly { type: TokenType }[], open: number): { close: number; semicolon: number } {
  let depth = 0;
  let semicolon = -1;
  for (let at = open; at < tokens.length; at++) {
    const type = tokens[at]?.type;
    if (type === TokenType.parenL || type === TokenType.braceL || type === TokenType.bracketL) depth++;
    else if (type === TokenType.parenR || type === TokenType.braceR || type === TokenType.bracketR) depth--;
    if (type === TokenType.semi && depth === 1 && semicolon === -1) semicolon = at;
    if (depth === 0) return { close: at, semicolon };
  }
  return { close: -1, semicolon };
}

/** A column of the guarded code as the column of the same line of the source; both from 0. */
export function columnBefore({ insertions }: Guarded, source: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 0; passed < line; passed++) start = source.indexOf("\n", start) + 1;
  let shift = 0;
  for (const { at, length } of insertions) {
    if (at < start || at > start + column - shift) continue;
    shift += Math.min(length, column - shift - (at - start));
  }
  return column - shift;
}
