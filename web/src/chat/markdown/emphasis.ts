/** Where emphasis may begin and end, for what people write beside Markdown: other scripts, sums, file names. */
import { attention } from "micromark-core-commonmark";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import type { Code, Construct, Extension, State, Token, Tokenizer } from "micromark-util-types";

const STAR = 42;
const UNDERSCORE = 95;
const TILDE = 126;

/** Letters and punctuation of scripts that put no spaces between words. */
const SPACELESS =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}\uff01-\uff65]/u;

/**
 * CommonMark finds the two ends of `**注意：**请` by the spaces around them, and these scripts have none.
 * Here a letter or a mark of such a script beside the stars counts like a space beyond them.
 */
function flankWithoutSpaces(sequence: Token, previous: Code, next: Code): void {
  if (!isSpaceless(previous) && !isSpaceless(next)) return;
  if (!isSpace(next)) sequence._open = true;
  if (!isSpace(previous)) sequence._close = true;
}

/** In `2*3*4` the stars multiply; CommonMark would take the 3 for emphasised. The `*s` of `*dog*s` still closes. */
function keepProduct(sequence: Token, previous: Code, next: Code, before: Token | undefined): void {
  if (!isSingle(sequence) || !matches(FACTOR_END, previous) || !matches(FACTOR_START, next)) return;
  if (isSpaceless(previous) || isSpaceless(next)) return;
  sequence._open = false;
  if (!before?._open || !isSingle(before)) sequence._close = false;
}

const FACTOR_END = /[\p{L}\p{N})\]]/u;
const FACTOR_START = /[\p{L}\p{N}([]/u;

function isSingle({ start, end }: Token): boolean {
  return end.offset - start.offset === 1;
}

/** In `src/**` and `*.tsx` the stars stand for names. */
function keepPattern(sequence: Token, previous: Code, next: Code): void {
  if (matches(/\//, previous) || (isSingle(sequence) && matches(/[/.]/, next))) sequence._open = false;
}

/** `before` is the sequence of markers before this one. */
type Rule = (sequence: Token, previous: Code, next: Code, before: Token | undefined) => void;

/** The construct with a last word on whether its sequence of markers can open and close. */
function withRules(construct: Construct, ...rules: Rule[]): Construct {
  const tokenize: Tokenizer = function (effects, ok, nok) {
    const previous = this.previous;
    const decide: State = (next) => {
      const sequence = this.events.at(-1)?.[1];
      const before = this.events.findLast(([, token]) => token.type === sequence?.type && token !== sequence)?.[1];
      if (sequence) for (const rule of rules) rule(sequence, previous, next, before);
      return ok(next);
    };
    return construct.tokenize.call(this, effects, decide, nok);
  };
  return { ...construct, tokenize };
}

/** `__init__` in `__init__.py` is a name; who wants bold letters writes more than one lower-case word, or stars. */
const dunderName: Construct = {
  name: "dunderName",
  tokenize(effects, ok, nok) {
    let name = "";
    if (this.previous === UNDERSCORE) return nok;
    const inside: State = (code) => {
      if (matches(/\w/, code)) {
        if (name === "") effects.enter("data");
        name += character(code);
        effects.consume(code);
        return inside;
      }
      if (!/^__[a-z](?:_?[a-z0-9])*__$/.test(name)) return nok(code);
      effects.exit("data");
      return ok(code);
    };
    return inside;
  },
};

/** Strikethrough with two tildes only: one means "about", as in "3~5 days". */
const strikethrough = gfmStrikethrough({ singleTilde: false });
const [tildes] = [strikethrough.text?.[TILDE] ?? []].flat();

export const emphasis: Extension[] = [
  {
    text: {
      [STAR]: withRules(attention, flankWithoutSpaces, keepProduct, keepPattern),
      [UNDERSCORE]: dunderName,
    },
  },
  tildes ? { ...strikethrough, text: { [TILDE]: withRules(tildes, flankWithoutSpaces) } } : strikethrough,
];

function character(code: Code): string {
  return code === null || code < 0 ? " " : String.fromCharCode(code);
}

function matches(pattern: RegExp, code: Code): boolean {
  return code !== null && pattern.test(character(code));
}

function isSpaceless(code: Code): boolean {
  return matches(SPACELESS, code);
}

function isSpace(code: Code): boolean {
  return code === null || /\s/.test(character(code));
}
