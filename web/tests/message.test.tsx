import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { FileDiff } from "../src/api/types";
import { ChangesContext, type TurnChange, type TurnChanges } from "../src/chat/changes";
import { MessageList } from "../src/chat/MessageList";
import type { ChatMessage, Part } from "../src/chat/model";
import { RequestsContext } from "../src/chat/requests/context";

const message = (
  role: ChatMessage["role"],
  turnId: number,
  text: string,
  given: Partial<ChatMessage> = {},
): ChatMessage => ({
  id: `${role}-${turnId}`,
  turnId,
  role,
  parts: [{ kind: "text", text }],
  content: text,
  status: "complete",
  createdAt: 1,
  fileChanges: [],
  ...given,
});

const change = (path: string) => ({
  path,
  action: "edited" as const,
  version: 2,
  additions: 1,
  deletions: 1,
  toolId: path,
});

/** Changes of turns that are undone by a word. */
function changesOf(paths: Map<number, string>, changedSince = ""): TurnChanges & { undone: number[] } {
  const states = new Map<number, TurnChange>();
  const watchers = new Set<() => void>();
  for (const [turnId, path] of paths) {
    states.set(turnId, { files: [{ path, action: "edited" }], undone: false, status: "ready", text: "" });
  }
  const undone: number[] = [];
  return {
    undone,
    subscribe: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    of: ({ turnId }) => states.get(turnId),
    refresh: () => undefined,
    toggle: async ({ turnId }) => {
      const before = states.get(turnId)!;
      if (before.files[0]?.path === changedSince)
        states.set(turnId, { ...before, status: "changed", text: changedSince });
      else {
        undone.push(turnId);
        states.set(turnId, { ...before, undone: !before.undone });
      }
      for (const watcher of watchers) watcher();
    },
    diff: async (_, path): Promise<FileDiff[]> => [
      { path: path ?? "a.ts", action: "edited", diff: "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n" },
    ],
  };
}

interface Given {
  changes?: TurnChanges;
  onEdit?(messageId: string, text: string): void;
  onRegenerate?(turnId: number): void;
}

const list = (messages: ChatMessage[], { changes = changesOf(new Map()), ...props }: Given = {}) => (
  <ChangesContext value={{ changes, sessionId: "s1", enabled: true }}>
    <MessageList
      messages={messages}
      hasMore={false}
      showCost={false}
      onLoadEarlier={() => undefined}
      onOpenFile={() => undefined}
      {...props}
    />
  </ChangesContext>
);

/** What a page translator does: every text is wrapped in an element that takes its place. */
function translate(root: Element): void {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (texts.nextNode()) found.push(texts.currentNode as Text);
  for (const text of found) {
    if (text.parentElement?.closest("[translate=no]")) continue;
    const outer = document.createElement("font");
    outer.append(document.createElement("font"));
    outer.firstElementChild!.textContent = `«${text.data}»`;
    text.replaceWith(outer);
  }
}

test("an answer goes on, changes and goes away under a page translator", () => {
  const texts = [
    "First **bold** and `code` then",
    "First **bold** and `code` then more, with [a link](https://a.example) in it\n\n- one\n- two **strong** words",
    "First **bold** and `code` then more, with [a link](https://a.example) in it\n\n- one\n- two **strong** words\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```ts\nlet a;\n```\n\nEnd[^1].\n\n[^1]: A note",
  ];
  const tool: Part = { kind: "tool", tool: { id: "t1", name: "read_file", status: "running", startedAt: 1 } };
  const done: Part = { kind: "tool", tool: { id: "t1", name: "read_file", status: "completed", durationMs: 1500 } };
  const answer = (parts: Part[], status: ChatMessage["status"]) => message("assistant", 1, "", { parts, status });
  const states: ChatMessage[] = [
    ...texts.map((text) => answer([{ kind: "text", text }], "streaming")),
    answer([{ kind: "text", text: texts[2]! }, tool], "streaming"),
    answer([{ kind: "text", text: texts[0]! }, done, { kind: "text", text: "And **more**" }], "streaming"),
    answer([{ kind: "text", text: "Short" }], "streaming"),
    answer(
      [
        { kind: "text", text: "Short" },
        { kind: "notice", level: "info", text: "Said" },
      ],
      "cancelled",
    ),
  ];
  const page = render(list([message("user", 1, "Hello")]));
  for (const state of states) {
    page.rerender(list([message("user", 1, "Hello"), state]));
    translate(page.container);
  }
  page.rerender(list([message("user", 1, "Hello"), answer([{ kind: "text", text: "The **end**" }], "complete")]));

  expect(screen.getByRole("article", { name: "Assistant" }).textContent).toContain("The end");
  page.rerender(list([]));
  expect(screen.queryByRole("article")).toBeNull();
});

test("a message whose elements were taken away is put together anew", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const answer = (text: string) => message("assistant", 1, text, { status: "streaming" });
  const page = render(list([answer("One\n\nTwo\n\nThree")]));
  for (const block of page.container.querySelectorAll(".prose > div")) block.remove();

  page.rerender(list([answer("Other")]));

  expect(page.container.querySelector(".prose")?.textContent).toBe("Other");
});

test("a message that cannot be shown is shown plainly, and the others stay", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const broken = message("assistant", 1, "**Still** to be read", { parts: null as unknown as Part[] });

  render(list([broken, message("user", 2, "Next")]));

  expect(screen.getByText("**Still** to be read")).toBeTruthy();
  expect(screen.getByText("Next")).toBeTruthy();
});

test("a message is changed and sent again, and its files are undone first, the newest turn before the older", async () => {
  const sent = vi.fn();
  const changes = changesOf(
    new Map([
      [1, "a.ts"],
      [2, "b.ts"],
      [3, "a.ts"],
    ]),
  );
  const turns = [1, 2, 3].flatMap((turnId) => [
    message("user", turnId, `Wish ${turnId}`),
    message("assistant", turnId, "Done", { fileChanges: [change(turnId === 2 ? "b.ts" : "a.ts")] }),
  ]);
  render(list(turns, { changes, onEdit: sent }));

  await userEvent.click(screen.getAllByRole("button", { name: "Edit and resend" })[1]!);
  expect(
    await screen.findByRole("checkbox", { name: "Also undo what was changed since, in 2 files", checked: true }),
  ).toBeTruthy();
  const box = screen.getByRole("textbox", { name: "Edit message" });
  expect(document.activeElement).toBe(box);
  await userEvent.type(box, ", but blue{Enter}");

  await waitFor(() => expect(sent).toHaveBeenCalledWith("user-2", "Wish 2, but blue", []));
  expect(changes.undone).toEqual([3, 2]);
});

test("files that somebody changed since stay, and the message is not sent over them", async () => {
  const sent = vi.fn();
  const changes = changesOf(new Map([[1, "a.ts"]]), "a.ts");
  render(
    list([message("user", 1, "Wish"), message("assistant", 1, "Done", { fileChanges: [change("a.ts")] })], {
      changes,
      onEdit: sent,
    }),
  );

  await userEvent.click(screen.getByRole("button", { name: "Edit and resend" }));
  await userEvent.click(await screen.findByRole("button", { name: "Send" }));
  expect((await screen.findByRole("alert")).textContent).toContain("a.ts was changed since");
  expect(sent).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("checkbox"));
  await userEvent.click(screen.getByRole("button", { name: "Send" }));

  expect(sent).toHaveBeenCalledWith("user-1", "Wish", []);
});

test("Escape leaves a message as it was", async () => {
  render(list([message("user", 1, "Wish")], { onEdit: () => undefined }));

  await userEvent.click(screen.getByRole("button", { name: "Edit and resend" }));
  await userEvent.type(await screen.findByRole("textbox"), " more{Escape}");

  expect(screen.getByRole("article", { name: "You" }).textContent).toBe("Wish");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Edit and resend" })));
});

test("only the latest answer can be written again, and nothing while one is being written", () => {
  const turns = [1, 2].flatMap((turnId) => [message("user", turnId, "Wish"), message("assistant", turnId, "Done")]);
  const given = { onEdit: () => undefined, onRegenerate: () => undefined };
  const page = render(list(turns, given));
  expect(screen.getAllByRole("button", { name: "Write again" })).toHaveLength(1);

  page.rerender(list([...turns.slice(0, -1), message("assistant", 2, "Do", { status: "streaming" })], given));

  expect(screen.queryByRole("button", { name: /Write again|Edit and resend/ })).toBeNull();
});

test("the lines of one changed file open under its row, and come into view", async () => {
  const seen = vi.spyOn(Element.prototype, "scrollIntoView");
  const changes = changesOf(new Map([[1, "a.ts"]]));
  render(list([message("assistant", 1, "Done", { fileChanges: [change("a.ts")] })], { changes }));

  await userEvent.click(screen.getByRole("button", { name: "a.ts, edited" }));

  const lines = await screen.findByLabelText("Changed lines of a.ts");
  expect([...lines.children].map((line) => line.textContent)).toEqual(["@@ -1 +1 @@", "-old", "+new"]);
  expect(seen).toHaveBeenCalled();
});

test("while Claude waits to be allowed something, the files that it would go out with are shown, not yet to be undone", async () => {
  const changes = changesOf(new Map([[1, "a.ts"]]));
  const answer = message("assistant", 1, "Done.", { status: "waiting", fileChanges: [change("a.ts")] });
  render(list([message("user", 1, "Publish it"), answer], { changes }));

  const files = screen.getByRole("group", { name: "Changed files" });
  expect(within(files).getByRole("button", { name: "a.ts, edited" })).toBeTruthy();
  expect(within(files).getByRole("button", { name: "Show lines" })).toBeTruthy();
  expect(within(files).queryByRole("button", { name: "Undo" })).toBeNull();
});

test("what was allowed stands before what was done with it", async () => {
  const asked: Part = {
    kind: "request",
    request: { kind: "approval", id: "p1", toolId: "c1", toolName: "publish_app", summary: "Publish it", input: {} },
  };
  const call: Part = { kind: "tool", tool: { id: "c1", name: "publish_app", status: "completed" } };
  const answer = message("assistant", 1, "Live.", { parts: [call, asked] });
  render(
    <RequestsContext value={{ isWaiting: false, answers: { p1: { approved: true } }, answer: vi.fn() }}>
      {list([answer])}
    </RequestsContext>,
  );

  const line = await screen.findByText("You allowed: Publish it");
  const row = screen.getByText(/Published the app/);
  expect(line.compareDocumentPosition(row)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
});

test("sending shows the latest page of a long chat again", async () => {
  const turns = Array.from({ length: 150 }, (_, index) => message("user", index, `Wish ${index}`));
  const page = render(list(turns));
  await userEvent.click(screen.getByRole("button", { name: "Show earlier messages" }));
  expect(screen.getAllByRole("article")).toHaveLength(150);

  page.rerender(list([...turns, message("user", 151, "Now", { turnId: undefined, status: "sending" })]));

  await waitFor(() => expect(screen.getAllByRole("article")).toHaveLength(100));
});

test("what an answer cites stands under it, as links", async () => {
  const sources = [
    { url: "https://a.example/colours", title: "Colours" },
    { url: "javascript:alert(1)", title: "Not a page" },
  ];
  const parts: Part[] = [{ kind: "text", text: "Contrast counts.", sources }];
  render(list([message("user", 1, "Hello"), message("assistant", 1, "", { parts })]));

  const cited = within(await screen.findByRole("list", { name: "Sources" })).getAllByRole<HTMLAnchorElement>("link");
  expect(cited.map((link) => [link.textContent, link.href])).toEqual([
    ["Colours (a.example)", "https://a.example/colours"],
  ]);
});
