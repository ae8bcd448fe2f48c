import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect, useRef, useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../src/App";
import { createApi, DEFAULT_CONFIG } from "../src/api/client";
import { Message } from "../src/chat/Message";
import type { MonacoEditorProps } from "../src/editor/MonacoEditor";
import type { WritingViewProps } from "../src/editor/WritingView";
import { FileTree } from "../src/files/FileTree";
import { serve } from "./standin.mjs";
import { setViewport, WIDE } from "./viewport";

// The editor needs a real browser; the end-to-end test has one.
vi.mock("../src/editor/MonacoEditor", () => ({
  default: ({ files, activeFile, texts }: MonacoEditorProps) => {
    const { id = 0, content } = files.find((file) => file.path === activeFile) ?? {};
    const [text, setText] = useState(content);
    const typed = useRef(content);
    useEffect(() => {
      const write = (next: string) => {
        typed.current = next;
        setText(next);
      };
      return texts.attach(id, { read: () => typed.current ?? "", write });
    }, [texts, id]);
    return (
      <textarea
        aria-label="Code"
        value={text}
        onChange={(event) => {
          typed.current = event.target.value;
          setText(event.target.value);
          texts.typed(id);
        }}
      />
    );
  },
}));
vi.mock("../src/editor/WritingView", () => ({
  default: ({ path, text }: WritingViewProps) => (
    <section aria-label={`${path}, while Claude writes it`}>{text}</section>
  ),
}));

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve({ delayMs: 1 });
  window.history.replaceState(null, "", "/");
  setViewport(WIDE);
});
afterEach(async () => {
  cleanup();
  await server.close();
});

const config = { ...DEFAULT_CONFIG, demo: { model: true } };

function open() {
  const api = createApi(config, (path, init) => fetch(`${server.url}${String(path)}`, init));
  return render(<App api={api} config={config} />);
}

async function ask(text: string) {
  await userEvent.type(await screen.findByRole("textbox", { name: "Message" }), `${text}{Enter}`);
}

const answer = () => screen.findByRole("article", { name: "Assistant" });

test("the first screen says what is a stand-in and offers examples", async () => {
  open();

  expect(await screen.findByRole("heading", { name: "What shall we build?" })).toBeTruthy();
  expect(screen.getByText(/not Claude/)).toBeTruthy();
  expect(screen.getByText("demo model")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Create a todo app with React" }));
  expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" }).value).toBe(
    "Create a todo app with React",
  );
});

test("a message is answered with text, tool cards and files, and a reload finds them again", async () => {
  const page = open();
  await ask("Create a todo app");
  await waitFor(async () => expect((await answer()).dataset.status).toBe("complete"));

  await userEvent.click(within(await answer()).getByRole("button", { name: /Created 3 files/, expanded: false }));
  const tools = [...(await answer()).querySelectorAll<HTMLElement>("[data-tool]")];
  expect(tools.map((tool) => tool.dataset.status)).toEqual(Array(4).fill("completed"));
  expect(await screen.findByRole("treeitem", { name: "App.tsx" })).toBeTruthy();
  expect(within(await answer()).getByText("3 files changed")).toBeTruthy();

  page.unmount();
  open();
  expect(await within(await answer()).findByText("3 files changed")).toBeTruthy();
  expect(screen.getByRole("article", { name: "You" }).textContent).toBe("Create a todo app");
});

test("a connection that drops mid-answer is caught up without a word twice", async () => {
  server.dropNextAfter(6);
  open();
  await ask("Create a todo app");

  await waitFor(async () => expect((await answer()).dataset.status).toBe("complete"), { timeout: 4000 });
  expect((await answer()).textContent?.match(/I'll build a small todo app/g)).toHaveLength(1);
});

test("Stop ends the turn and keeps what was shown", async () => {
  await server.close();
  server = await serve({ delayMs: 30 });
  open();
  await ask("Create a todo app");
  await screen.findByText(/I'll build/);

  await userEvent.click(screen.getByRole("button", { name: "Stop" }));

  expect(await screen.findByText("Stopped")).toBeTruthy();
  expect(screen.getByText(/I'll build/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Send" })).toBeTruthy();
});

test("line counts of changed files are there after a reload too", async () => {
  const page = open();
  await ask("Create a todo app");
  await waitFor(async () => expect((await answer()).dataset.status).toBe("complete"));
  page.unmount();

  open();

  const row = await within(await answer()).findByRole("button", { name: "src/App.tsx, created" });
  await waitFor(() => expect(row.textContent).toMatch(/\+\d+$/));
});

test("what an answer has changed can be undone, and the undo too", async () => {
  open();
  await ask("Create a todo app");
  await waitFor(async () => expect((await answer()).dataset.status).toBe("complete"));
  const { files } = server.apps.get("demo-app")!;

  await userEvent.click(await within(await answer()).findByRole("button", { name: "Undo" }));

  expect(await screen.findByText("These changes are undone.")).toBeTruthy();
  expect(files.size).toBe(0);
  await waitFor(() => expect(screen.queryByRole("treeitem", { name: "App.tsx" })).toBeNull());
  await userEvent.click(within(await answer()).getByRole("button", { name: "Redo" }));
  expect(await screen.findByRole("treeitem", { name: "App.tsx" })).toBeTruthy();
  expect(files.size).toBe(3);
  expect(within(await answer()).getByRole("button", { name: "Undo" })).toBeTruthy();
});

test("what was undone can be brought back after a reload", async () => {
  const page = open();
  await ask("Create a todo app");
  await waitFor(async () => expect((await answer()).dataset.status).toBe("complete"));
  const { files } = server.apps.get("demo-app")!;
  await userEvent.click(await within(await answer()).findByRole("button", { name: "Undo" }));
  await screen.findByText("These changes are undone.");
  page.unmount();

  open();

  expect(await screen.findByText("These changes are undone.")).toBeTruthy();
  await userEvent.click(within(await answer()).getByRole("button", { name: "Redo" }));
  await waitFor(() => expect(files.size).toBe(3));
  expect(await within(await answer()).findByRole("button", { name: "Undo" })).toBeTruthy();
});

test("the lines that an answer has changed can be looked at", async () => {
  open();
  await ask("Create a todo app");
  await waitFor(async () => expect((await answer()).dataset.status).toBe("complete"));

  await userEvent.click(await screen.findByRole("button", { name: "Show lines", expanded: false }));

  const lines = await screen.findByLabelText("Changed lines of src/TodoItem.tsx");
  expect(lines.textContent).toContain("+export interface Todo {");
  await userEvent.click(screen.getByRole("button", { name: "Hide lines", expanded: true }));
  expect(screen.queryByLabelText("Changed lines of src/TodoItem.tsx")).toBeNull();
});

test("unsaved changes are not lost by a change of app without a question", async () => {
  server.write(server.apps.get("demo-app")!, "a.ts", "one");
  open();
  await userEvent.click(await screen.findByRole("treeitem", { name: "a.ts" }));
  await userEvent.type(await screen.findByRole("textbox", { name: "Code" }), " and two");

  await userEvent.click(screen.getByRole("button", { name: /Switch app/ }));
  await userEvent.click(screen.getByRole("button", { name: "New App" }));
  await userEvent.click(await screen.findByRole("button", { name: "Keep it" }));
  expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Code" }).value).toBe("one and two");

  await userEvent.click(screen.getByRole("button", { name: /Switch app/ }));
  await userEvent.click(screen.getByRole("button", { name: "New App" }));
  await userEvent.click(await screen.findByRole("button", { name: "Leave" }));
  expect(await screen.findByRole("dialog", { name: "New app" })).toBeTruthy();
});

test("of two apps that are picked in a row the second is opened, whichever answers first", async () => {
  const demo = server.apps.get("demo-app")!;
  for (const name of ["Slow", "Fast"]) server.apps.set(name, { ...demo, appId: name, name });
  let answerSlow = () => {};
  const slow = new Promise<void>((resolve) => (answerSlow = resolve));
  const api = createApi(config, async (path, init) => {
    const response = await fetch(`${server.url}${String(path)}`, init);
    if (String(path).endsWith("appId=Slow")) await slow;
    return response;
  });
  render(<App api={api} config={config} />);
  for (const name of [/^Slow/, /^Fast/]) {
    await userEvent.click(await screen.findByRole("button", { name: /Switch app/ }));
    await userEvent.click(await screen.findByRole("button", { name }));
  }
  expect(await screen.findByRole("button", { name: "App: Fast. Switch app" })).toBeTruthy();
  answerSlow();

  await new Promise((resolve) => setTimeout(resolve));
  expect(screen.getByRole("button", { name: "App: Fast. Switch app" })).toBeTruthy();
});

test("an app that cannot be deleted is worked on as before", async () => {
  const api = createApi(config, (path, init) =>
    init?.method === "DELETE"
      ? Promise.reject(new TypeError("failed to fetch"))
      : fetch(`${server.url}${String(path)}`, init),
  );
  render(<App api={api} config={config} />);
  await userEvent.type(await screen.findByRole("textbox", { name: "Message" }), "half a sen");
  await userEvent.click(await screen.findByRole("button", { name: /Switch app/ }));
  await userEvent.click(screen.getByRole("button", { name: "Delete app Demo app" }));
  await userEvent.click(await screen.findByRole("button", { name: "Delete app" }));

  expect(await screen.findByText("Demo app was not deleted. The server cannot be reached.")).toBeTruthy();
  expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" }).value).toBe("half a sen");
});

test("an app that was deleted in another tab says so, and leads to the others", async () => {
  open();
  await screen.findByText(/No files yet/);
  const other = { ...server.apps.get("demo-app")!, appId: "a2", name: "Shop" };
  server.apps.clear();
  server.apps.set("a2", other);

  fireEvent.focus(window);
  expect(await screen.findByText(/This app was deleted/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Open another app" }));

  expect(await screen.findByRole("button", { name: "App: Shop. Switch app" })).toBeTruthy();
  expect(screen.queryByText(/This app was deleted/)).toBeNull();
});

test("a chat that was deleted in another tab leads to a new one, with what was written", async () => {
  open();
  await ask("Create a todo app");
  await waitFor(async () => expect((await answer()).dataset.status).toBe("complete"));
  server.sessions.clear();
  await ask("Add a dark mode");

  await userEvent.click(await screen.findByRole("button", { name: "Start a new chat" }));

  expect(await screen.findByRole("heading", { name: "What shall we change?" })).toBeTruthy();
  expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" }).value).toBe("Add a dark mode");
});

test("undoing over a later change names the file and asks first", async () => {
  open();
  await ask("Create a todo app");
  await waitFor(async () => expect((await answer()).dataset.status).toBe("complete"));
  const app = server.apps.get("demo-app")!;
  server.write(app, "src/App.tsx", "// by hand");

  await userEvent.click(await within(await answer()).findByRole("button", { name: "Undo" }));

  expect(await screen.findByText(/^src\/App\.tsx was changed since/)).toBeTruthy();
  expect(app.files.get("src/App.tsx")?.content).toBe("// by hand");
  await userEvent.click(screen.getByRole("button", { name: "Undo anyway" }));
  expect(await screen.findByText("These changes are undone.")).toBeTruthy();
  expect(app.files.size).toBe(0);
});

test("files can be made, renamed and deleted by hand", async () => {
  open();
  const { files } = server.apps.get("demo-app")!;
  await userEvent.click(await screen.findByRole("button", { name: "New file" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Path" }), "src/a.ts{Enter}");
  expect(await screen.findByRole("tab", { name: "a.ts", selected: true })).toBeTruthy();
  expect(files.get("src/a.ts")).toMatchObject({ content: "", version: 1 });

  await userEvent.click(screen.getByRole("button", { name: "New file" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Path" }), "src/a.ts{Enter}");
  expect((await screen.findByRole("alert")).textContent).toBe("Another file or folder already uses that name.");
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));

  await userEvent.click(screen.getByRole("treeitem", { name: "a.ts" }));
  await userEvent.keyboard("[F2]");
  const name = await screen.findByRole("textbox", { name: "New name of a.ts" });
  await userEvent.clear(name);
  await userEvent.type(name, "b.ts{Enter}");
  expect(await screen.findByRole("tab", { name: "b.ts", selected: true })).toBeTruthy();
  expect([...files.keys()]).toEqual(["src/b.ts"]);
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("b.ts"));

  await userEvent.click(await screen.findByRole("button", { name: "Actions for b.ts" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Delete" }));
  await userEvent.click(await screen.findByRole("button", { name: "Delete file" }));
  await waitFor(() => expect(files.size).toBe(0));
  expect(await screen.findByText("No file is open.", { exact: false })).toBeTruthy();
});

test("a new app begins empty, and deleting it asks first", async () => {
  open();
  await userEvent.click(await screen.findByRole("button", { name: /Switch app/ }));
  await userEvent.click(screen.getByRole("button", { name: "New App" }));
  await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "Shop{Enter}");
  await userEvent.click(await screen.findByRole("button", { name: "App: Shop. Switch app" }));

  await userEvent.click(screen.getByRole("button", { name: "Delete app Shop" }));
  expect(server.apps.size).toBe(2);
  await userEvent.click(await screen.findByRole("button", { name: "Delete app" }));

  await waitFor(() => expect(server.apps.size).toBe(1));
  expect(await screen.findByRole("button", { name: "App: Demo app. Switch app" })).toBeTruthy();
});

test("an earlier chat can be opened, and a new one begun", async () => {
  open();
  await ask("Create a todo app");
  await waitFor(async () => expect((await answer()).dataset.status).toBe("complete"));

  await userEvent.click(screen.getByRole("button", { name: "New chat" }));
  expect(await screen.findByRole("heading", { name: "What shall we change?" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Chat history" }));
  await userEvent.click(await screen.findByRole("button", { name: /^Create a todo app.*just now/ }));

  expect((await answer()).textContent).toContain("Done.");
});

test("someone who is not signed in is told so", async () => {
  const api = createApi(config, async () =>
    Response.json({ success: false, error: { code: "unauthenticated", message: "x" } }, { status: 401 }),
  );
  render(<App api={api} config={config} />);

  expect(await screen.findByRole("heading", { name: "You are not signed in" })).toBeTruthy();
});

test("a message to a chat that has expired is not lost: it waits in the box while a new chat is begun", async () => {
  let expired = false;
  const api = createApi(config, async (path, init) =>
    init?.method === "POST" && expired
      ? Response.json({ success: false, error: { code: "session_expired", message: "x" } }, { status: 410 })
      : fetch(`${server.url}${String(path)}`, init),
  );
  render(<App api={api} config={config} />);
  await ask("Create a todo app");
  await waitFor(async () => expect((await answer()).dataset.status).toBe("complete"));
  expired = true;
  await ask("Add a dark mode");

  await userEvent.click(await screen.findByRole("button", { name: "Start a new chat" }));

  expect(await screen.findByRole("heading", { name: "What shall we change?" })).toBeTruthy();
  expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" }).value).toBe("Add a dark mode");
});

const NO_COMMANDS = {
  emptyFolders: new Set<string>(),
  dirty: new Set<string>(),
  changed: new Map(),
  collapse: 0,
  onOpen: () => undefined,
  onMove: () => undefined,
  onDropFiles: () => undefined,
  onUpload: () => undefined,
  onNew: () => undefined,
  onDelete: () => undefined,
};

test("folders that are made later are shown open, and one that was closed stays closed", async () => {
  const file = (path: string) => ({ path, version: 1, size: 1, updatedAt: 1 });
  const tree = (files: string[]) => <FileTree {...NO_COMMANDS} files={files.map(file)} active={null} />;
  const { rerender } = render(tree(["lib/a.ts", "src/b.ts"]));
  await userEvent.click(await screen.findByRole("treeitem", { name: "lib" }));
  expect(screen.queryByRole("treeitem", { name: "a.ts" })).toBeNull();

  rerender(tree(["lib/a.ts", "src/b.ts", "src/deep/er/c.ts"]));

  expect(await screen.findByRole("treeitem", { name: "c.ts" })).toBeTruthy();
  expect(screen.queryByRole("treeitem", { name: "a.ts" })).toBeNull();
});

test("many files begin in closed folders, and the one that is looked at is in sight", async () => {
  const paths = Array.from({ length: 300 }, (_, index) => `lib/part${index % 10}/module${index}.ts`);
  const files = paths.map((path) => ({ path, version: 1, size: 1, updatedAt: 1 }));
  const tree = (active: string | null) => <FileTree {...NO_COMMANDS} files={files} active={active} />;
  const { rerender } = render(tree(null));
  expect((await screen.findAllByRole("treeitem")).map((item) => item.textContent)).toEqual(["lib"]);

  rerender(tree("lib/part3/module13.ts"));

  expect(await screen.findByRole("treeitem", { name: "module13.ts", selected: true })).toBeTruthy();
  expect(screen.queryByRole("treeitem", { name: "module14.ts" })).toBeNull();
});

test("a long message of the vendor is folded until asked for", async () => {
  const message = {
    id: "m1",
    role: "user",
    parts: [],
    content: "word ".repeat(400),
    status: "complete",
    createdAt: 1,
    fileChanges: [],
  } as const;
  render(
    <Message message={{ ...message, parts: [], fileChanges: [] }} showCost={false} onOpenFile={() => undefined} />,
  );

  await userEvent.click(screen.getByRole("button", { name: "Show all", expanded: false }));

  expect(screen.getByRole("button", { name: "Show less", expanded: true })).toBeTruthy();
});
