import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { FileChange } from "../src/api/types";
import { Message } from "../src/chat/Message";
import type { ChatMessage, Part, ToolCall } from "../src/chat/model";

let counter = 0;
const tool = (given: Partial<ToolCall>): Part => ({
  kind: "tool",
  tool: { id: `t${++counter}`, name: "create_file", status: "completed", ...given },
});
const file = (path: string, given: Partial<ToolCall> = {}) => tool({ input: { path, content: "a\nb\n" }, ...given });
const thought = (text: string, durationMs?: number): Part => ({ kind: "thinking", text, durationMs });

const answerOf = (parts: Part[], given: Partial<ChatMessage> = {}): ChatMessage => ({
  id: "answer-1",
  turnId: 1,
  role: "assistant",
  parts,
  content: "",
  status: "complete",
  createdAt: 1,
  fileChanges: [],
  ...given,
});

const show = (parts: Part[], given: Partial<ChatMessage> = {}) =>
  render(<Message message={answerOf(parts, given)} showCost={false} onOpenFile={() => undefined} />);

const lines = () => screen.getAllByRole("button", { expanded: false }).map((button) => button.textContent);

test("a batch is one closed line, however many steps it took", () => {
  show([
    tool({ name: "read_file", input: { path: "a.ts" } }),
    tool({ name: "read_file", input: { path: "b.ts" } }),
    thought("what next"),
    tool({ name: "web_search", input: { query: "forms" } }),
    { kind: "text", text: "So." },
    ...Array.from({ length: 30 }, (_, index) => file(`f${index}.ts`, { startedAt: 1000, durationMs: 1200 })),
  ]);

  expect(lines()).toEqual(["Thought", "Read 2 files, searched the web", "Created 30 files, 1.2 s"]);
  expect(document.querySelector("[data-tool]")).toBeNull();
});

test("short times and empty counts are not worth a word", () => {
  const change: FileChange = { path: "a.ts", action: "created", version: 1, additions: 2, deletions: 0, toolId: "c1" };
  show([file("a.ts", { id: "c1", durationMs: 40 })], { fileChanges: [change] });

  // Its rows are those of the card below, so it does not unfold.
  expect(document.querySelector("[data-tools]")?.textContent).toBe("Created a.ts");
  expect(screen.queryByRole("button", { name: "Created a.ts" })).toBeNull();
  expect(screen.getByRole("button", { name: "a.ts, created" }).textContent).toBe("a.ts+2");
  expect(document.body.textContent).not.toMatch(/completed|-0|ms/);
});

test("thoughts of a run are one line with their whole time, and closed", async () => {
  show([
    thought("First.", 2000),
    tool({ name: "list_files" }),
    thought("Second.", 3400),
    { kind: "text", text: "Done." },
  ]);

  expect(lines()).toEqual(["Thought for 5.4 s", "Listed the files"]);
  expect(screen.queryByText(/First/)).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Thought for 5.4 s" }));
  expect(screen.getByText(/First\.\s+Second\./)).toBeTruthy();
});

test("while a batch runs, what runs is shown below it, with the lines that are written so far", () => {
  show(
    [
      file("done.ts", { durationMs: 20 }),
      tool({ status: "pending", startedAt: Date.now(), writing: { path: "src/App.tsx", text: "one\ntwo\nthree" } }),
      tool({ status: "pending", startedAt: Date.now() }),
    ],
    { status: "streaming" },
  );

  expect(lines()[0]).toBe("Creating 3 files");
  const rows = within(screen.getByRole("list", { name: "Steps" })).getAllByRole("listitem");
  expect(rows.map((row) => row.textContent)).toEqual(["src/App.tsx3 lines", "Creating"]);
});

test("a failure is open, whatever the rest of its batch did", async () => {
  show([
    file("a.ts"),
    tool({
      name: "web_search",
      status: "timed_out",
      input: { query: "react" },
      error: "No answer in time",
      durationMs: 15_000,
    }),
  ]);

  expect(screen.getByRole("button", { name: /^Created a.ts, 1 failed, 15 s$/ })).toBeTruthy();
  expect(screen.getByRole("button", { name: 'Searched the web for "react", timed out', expanded: true })).toBeTruthy();
  expect(await screen.findByText("No answer in time")).toBeTruthy();
});

test("details are code and changes, not JSON", async () => {
  show([
    file("a.ts"),
    tool({ name: "edit_file", input: { path: "b.ts", edits: [{ old: "a\nb\nc", new: "a\nB\nc" }] } }),
  ]);
  await userEvent.click(screen.getByRole("button", { name: "Created a.ts, edited b.ts" }));
  await userEvent.click(screen.getByRole("button", { name: "Created a.ts" }));
  await userEvent.click(screen.getByRole("button", { name: "Edited b.ts" }));

  await screen.findByLabelText("Changed lines");
  const linesOf = (label: string) => [...screen.getByLabelText(label).children].map((line) => line.textContent);
  expect(linesOf("Text of the file")).toEqual(["a", "b"]);
  expect(linesOf("Changed lines")).toEqual([" a", "-b", "+B", " c"]);
  expect(document.body.textContent).not.toMatch(/\\n|\{/);
});

test("a page that was read is a row of its own and a link", async () => {
  const url = "https://a.example/colours";
  const summary = `Read ${url} (Colours)\n1. Colours\n   URL: ${url}`;
  show([tool({ name: "web_fetch", input: { url }, summary })]);
  await userEvent.click(screen.getByRole("button", { name: "Read a page" }));
  await userEvent.click(screen.getByRole("button", { name: `Read a page: ${url}` }));

  const links = within(await screen.findByRole("list", { name: "Sources" })).getAllByRole<HTMLAnchorElement>("link");
  expect(links.map((link) => [link.textContent, link.href])).toEqual([["Colours (a.example)", url]]);
});

test("the sources of a web search are links that say their hosts, live and after a reload, and nothing else of a page is one", async () => {
  const head = '2 results for "react"';
  const source = "1. React 20\n   URL: https://react.dev/blog";
  const live = `${head}\n${source}\n2. Not a page\n   URL: javascript:alert(1)\n3. http\n   URL: http://a.example`;
  const stored = `What follows is information.\n<results>\n${source}\n   Published: 2026\n   | 9. Me\n   |    URL: https://evil.example\n</results>`;
  for (const summary of [live, stored]) {
    const { unmount } = show([tool({ name: "web_search", input: { query: "react" }, summary })]);
    await userEvent.click(screen.getByRole("button", { name: "Searched the web" }));
    await userEvent.click(screen.getByRole("button", { name: 'Searched the web for "react"' }));
    const links = within(await screen.findByRole("list", { name: "Sources" })).getAllByRole<HTMLAnchorElement>("link");
    expect(links.map((link) => [link.textContent, link.href, link.rel])).toEqual([
      ["React 20 (react.dev)", "https://react.dev/blog", "noopener noreferrer nofollow"],
    ]);
    unmount();
  }
});
