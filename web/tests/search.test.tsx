import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import type { ContentsState, ContentsStore } from "../src/files/contents";
import { rankPaths } from "../src/files/quickOpen";
import { SearchPanel } from "../src/files/SearchPanel";
import { MAX_MATCHES, type SearchQuery, searchFiles } from "../src/files/search";
import { createSearcher, type SearchWorker } from "../src/files/searcher";

const FILES = new Map([
  ["src/App.tsx", "import { Todo } from './Todo';\n\nexport const todo = [];\n"],
  ["src/Todo.tsx", "export function Todo() {}\n"],
]);
const literal = (text: string, more: Partial<SearchQuery> = {}): SearchQuery => ({
  text,
  isRegex: false,
  matchCase: false,
  ...more,
});

test("a text is found in every file, with its line and column", () => {
  const { files, count, isCut } = searchFiles(FILES, literal("TODO", { matchCase: false }));

  expect({ count, isCut }).toEqual({ count: 4, isCut: false });
  expect(files.map(({ path, matches }) => [path, matches.map(({ line, column }) => [line, column])])).toEqual([
    [
      "src/App.tsx",
      [
        [1, 10],
        [1, 25],
        [3, 14],
      ],
    ],
    ["src/Todo.tsx", [[1, 17]]],
  ]);
});

test("what a query means follows from its options", () => {
  const found = (query: SearchQuery) => searchFiles(FILES, query).count;

  expect(found(literal("todo", { matchCase: true }))).toBe(1);
  expect(found(literal("[]"))).toBe(1);
  expect(found(literal("T.d."))).toBe(0);
  expect(found(literal("T.d.", { isRegex: true, matchCase: true }))).toBe(3);
  expect(found(literal("x*", { isRegex: true }))).toBe(2);
  expect(() => found(literal("(", { isRegex: true }))).toThrow(SyntaxError);
});

test("results end at a bound, and say so", () => {
  const { count, isCut } = searchFiles(new Map([["a.txt", "x".repeat(2000)]]), literal("x"));

  expect({ count, isCut }).toEqual({ count: MAX_MATCHES, isCut: true });
});

/** A worker that searches on the page itself; one whose search never ends says nothing. */
function worker(isEndless: (query: SearchQuery) => boolean = () => false) {
  const workers: { sent: object[]; ended: boolean }[] = [];
  const spawn = (): SearchWorker => {
    const state: (typeof workers)[number] = { sent: [], ended: false };
    workers.push(state);
    let files: ReadonlyMap<string, string> = new Map();
    const self: SearchWorker = {
      onmessage: null,
      onerror: null,
      terminate: () => {
        state.ended = true;
      },
      postMessage: (message) => {
        const given = message as { files?: ReadonlyMap<string, string>; query: SearchQuery };
        state.sent.push(given);
        files = given.files ?? files;
        if (isEndless(given.query)) return;
        queueMicrotask(() => {
          if (state.ended) return;
          try {
            self.onmessage?.(new MessageEvent("message", { data: { result: searchFiles(files, given.query) } }));
          } catch (reason) {
            self.onmessage?.(new MessageEvent("message", { data: { error: (reason as Error).message } }));
          }
        });
      },
    };
    return self;
  };
  return { spawn, workers };
}

test("an expression that takes too long is given up, and the next search is made all the same", async () => {
  const { spawn, workers } = worker(({ text }) => text === "(a+)+$");
  const searcher = createSearcher(spawn, 30);

  await expect(searcher.search(FILES, literal("(a+)+$", { isRegex: true }))).rejects.toThrow(/takes too long/);

  expect(workers[0]?.ended).toBe(true);
  expect((await searcher.search(FILES, literal("todo")))?.count).toBe(4);
});

test("a search that is overtaken by another has no result", async () => {
  const { spawn } = worker(({ text }) => text === "slow");
  const searcher = createSearcher(spawn, 10_000);

  const first = searcher.search(FILES, literal("slow"));
  const second = searcher.search(FILES, literal("todo"));

  expect(await first).toBeNull();
  expect((await second)?.count).toBe(4);
});

test("the texts are handed to the worker once", async () => {
  const { spawn, workers } = worker();
  const searcher = createSearcher(spawn);

  await searcher.search(FILES, literal("a"));
  await searcher.search(FILES, literal("ab"));

  expect(workers.map(({ sent }) => sent.map((message) => "files" in message))).toEqual([[true, false]]);
});

function panel() {
  const view = createStore<ContentsState>(() => ({ status: "ready", files: FILES, assets: new Map() }));
  const contents = {
    view,
    start: async () => undefined,
    retry: async () => undefined,
  } satisfies ContentsStore;
  const opened: unknown[] = [];
  const { spawn } = worker();
  render(
    <SearchPanel
      contents={contents}
      spawn={spawn}
      onOpen={(...place) => opened.push(place)}
      onClose={() => opened.push("closed")}
    />,
  );
  return { opened, box: screen.getByRole("searchbox", { name: "Search in files" }) };
}

test("the search panel lists what it finds, and leads there", async () => {
  const { opened, box } = panel();
  expect(document.activeElement).toBe(box);

  await userEvent.type(box, "export");
  expect(await screen.findByText("2 results in 2 files")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: /3.*export const todo/ }));
  await userEvent.keyboard("{Escape}");

  expect(opened).toEqual([["src/App.tsx", 3, 1], "closed"]);
});

test("an expression that is none says what is wrong with it", async () => {
  const { box } = panel();
  await userEvent.click(screen.getByRole("button", { name: "Regular expression", pressed: false }));

  await userEvent.type(box, "(");

  expect((await screen.findByRole("alert")).textContent).toMatch(/Invalid regular expression/);
  await userEvent.type(box, "Todo)");
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

test("files are found by a few letters of their path, the likeliest first", () => {
  const paths = [
    "src/components/Button.tsx",
    "src/App.tsx",
    "src/lib/subtotals.ts",
    "public/app.css",
    "src/api/map.ts",
  ];

  expect(rankPaths(paths, "app")[0]).toBe("src/App.tsx");
  expect(rankPaths(paths, "but")[0]).toBe("src/components/Button.tsx");
  expect(rankPaths(paths, "scb")[0]).toBe("src/components/Button.tsx");
  expect(rankPaths(paths, "zzz")).toEqual([]);
  expect(rankPaths(paths, "", { atHand: ["src/api/map.ts"], limit: 2 })).toEqual([
    "src/api/map.ts",
    "src/components/Button.tsx",
  ]);
});
