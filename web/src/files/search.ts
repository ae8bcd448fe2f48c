/** Finding a text in the files of an app, line by line. */

export interface SearchQuery {
  text: string;
  isRegex: boolean;
  matchCase: boolean;
}

/** A place that was found, with what stands around it on its line. */
export interface SearchMatch {
  /** From 1. */
  line: number;
  column: number;
  before: string;
  match: string;
  after: string;
}

export interface SearchResult {
  files: { path: string; matches: SearchMatch[] }[];
  count: number;
  /** True where there is more than is given here. */
  isCut: boolean;
}

export const MAX_MATCHES = 500;
/** In characters. Before a match there is little, so that the match itself is in sight. */
const SHOWN_BEFORE = 20;
const SHOWN_AFTER = 80;
const SHOWN_MATCH = 120;

/** The expression that a query stands for. Throws a SyntaxError where it is none. */
export function patternOf({ text, isRegex, matchCase }: SearchQuery): RegExp {
  return new RegExp(isRegex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), matchCase ? "g" : "gi");
}

/** All places that the query fits, up to MAX_MATCHES. Throws a SyntaxError where its expression is none. */
export function searchFiles(files: ReadonlyMap<string, string>, query: SearchQuery): SearchResult {
  const pattern = patternOf(query);
  const result: SearchResult = { files: [], count: 0, isCut: false };
  for (const [path, text] of files) {
    const matches: SearchMatch[] = [];
    for (const match of matchesIn(text, pattern)) {
      if (result.count === MAX_MATCHES) {
        result.isCut = true;
        break;
      }
      matches.push(match);
      result.count += 1;
    }
    if (matches.length > 0) result.files.push({ path, matches });
    if (result.isCut) break;
  }
  return result;
}

function* matchesIn(text: string, pattern: RegExp): Generator<SearchMatch> {
  let number = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    number += 1;
    for (const { 0: match, index } of line.matchAll(pattern)) {
      if (match === "") continue;
      const end = index + match.length;
      yield {
        line: number,
        column: index + 1,
        before: lastPart(line.slice(0, index).trimStart()),
        match: match.slice(0, SHOWN_MATCH),
        after: line.slice(end, end + SHOWN_AFTER),
      };
    }
  }
}

function lastPart(text: string): string {
  return text.length > SHOWN_BEFORE ? `…${text.slice(-SHOWN_BEFORE)}` : text;
}
