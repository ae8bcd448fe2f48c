/** The conversation as a whole page: what happens to a message from the box to the answer. */
import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../src/App";
import { createApi, DEFAULT_CONFIG, type Fetch } from "../src/api/client";
import { refusal } from "./chat";
import { serve } from "./standin.mjs";
import { DESKTOP, setViewport } from "./viewport";

vi.mock("../src/editor/MonacoEditor", () => ({ default: () => <textarea aria-label="Code" /> }));

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve({ delayMs: 1 });
  window.history.replaceState(null, "", "/");
  setViewport(DESKTOP);
});
afterEach(async () => {
  cleanup();
  setHidden(false);
  await server.close();
});

const config = { ...DEFAULT_CONFIG, demo: { model: true } };

/** Opens the page; `refuse` answers what it wants to itself. */
function open(refuse: (path: string, init?: RequestInit) => Response | Promise<Response> | null = () => null) {
  const fetcher: Fetch = async (path, init) =>
    refuse(String(path), init) ?? fetch(`${server.url}${String(path)}`, init);
  return render(<App api={createApi(config, fetcher)} config={config} />);
}

const box = () => screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
const ask = async (text: string) => userEvent.type(await box(), `${text}{Enter}`);
const answers = () => screen.findAllByRole("article", { name: "Assistant" });
const asked = () => screen.queryAllByRole("article", { name: "You" }).map((message) => message.textContent);
const isDone = async (count = 1) =>
  waitFor(async () => {
    const all = await answers();
    expect(all).toHaveLength(count);
    expect(all.at(-1)?.dataset.status).toBe("complete");
  });

const isPost = (init?: RequestInit) => init?.method === "POST";

function setHidden(hidden: boolean): void {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
}

async function slowly(): Promise<void> {
  await server.close();
  server = await serve({ delayMs: 12 });
}

test.each([
  [429, "rate_limited", "You are sending messages faster than allowed."],
  [503, "store_unavailable", "The session store cannot be reached at the moment. Nothing is lost."],
])("a message that is refused with %i is in the box again, and is sent from there", async (status, code, said) => {
  let refused = false;
  open((_, init) => (isPost(init) && !refused && (refused = true) ? refusal(status, code) : null));
  await ask("Create a todo app");

  expect(await screen.findByText(said)).toBeTruthy();
  expect((await box()).value).toBe("Create a todo app");
  expect(asked()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));

  await isDone();
  expect((await box()).value).toBe("");
  expect(asked()).toEqual(["Create a todo app"]);
});

test("a refused message stays in the chat where something newer was typed, to be edited or sent again", async () => {
  let answer: ((response: Response) => void) | undefined;
  open((_, init) => (isPost(init) && !answer ? new Promise((resolve) => (answer = resolve)) : null));
  await ask("Create a todo app");
  await userEvent.type(await box(), "and something else");
  answer?.(refusal(503, "store_unavailable"));

  expect(await screen.findByText("Not sent")).toBeTruthy();
  expect((await box()).value).toBe("and something else");
  await userEvent.click(screen.getByRole("button", { name: "Edit" }));

  expect((await box()).value).toBe("Create a todo app\n\nand something else");
  expect(asked()).toEqual([]);
});

test("an example does not overwrite what was typed", async () => {
  open();
  await userEvent.type(await box(), "Use blue");

  await userEvent.click(screen.getByRole("button", { name: "Create a todo app with React" }));

  expect((await box()).value).toBe("Use blue\n\nCreate a todo app with React");
});

test("each chat has its own draft", async () => {
  open();
  await ask("Create a todo app");
  await isDone();
  await userEvent.type(await box(), "for the first chat");
  await userEvent.click(screen.getByRole("button", { name: "New chat" }));
  expect((await box()).value).toBe("");
  await userEvent.type(await box(), "for a new one");

  await userEvent.click(screen.getByRole("button", { name: "Chat history" }));
  await userEvent.click(await screen.findByRole("button", { name: /^Create a todo app.*just now/ }));

  await waitFor(async () => expect((await box()).value).toBe("for the first chat"));
});

test("messages that are sent while Claude works are shown above the box, can be taken back, and go out in turn", async () => {
  await slowly();
  open();
  await ask("Create a todo app");
  await screen.findByText(/I'll build/);
  await ask("Change the heading");
  await ask("Make it blue");
  const queue = within(await screen.findByRole("region", { name: "Queued messages" }));
  expect(queue.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "Change the heading",
    "Make it blue",
  ]);

  await userEvent.click(queue.getAllByRole("button", { name: "Take back to the message box" })[1]!);
  expect((await box()).value).toBe("Make it blue");
  await waitFor(() => expect(asked()).toEqual(["Create a todo app", "Change the heading"]), { timeout: 15_000 });

  expect(screen.queryByRole("region", { name: "Queued messages" })).toBeNull();
});

test("after Stop the queue waits and says so, and the answer can be told to go on", async () => {
  await slowly();
  open();
  await ask("Create a todo app");
  await screen.findByText(/I'll build/);
  await ask("Change the heading");
  // From anywhere, not from the box alone.
  fireEvent.keyDown(document.body, { key: "Escape" });

  expect(await screen.findByText("On hold, since you stopped the answer.")).toBeTruthy();
  expect(asked()).toEqual(["Create a todo app"]);
  await userEvent.click(screen.getByRole("button", { name: "Remove from the queue" }));
  expect(screen.queryByRole("region", { name: "Queued messages" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Continue" }));

  await waitFor(() => expect(asked()).toEqual(["Create a todo app", "Continue where you stopped."]));
});

test("Esc closes what is open before it stops anything", async () => {
  await slowly();
  open();
  await ask("Create a todo app");
  await screen.findByText(/I'll build/);
  await userEvent.click(screen.getByRole("button", { name: "Chat history" }));

  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(screen.queryByText("Stopping")).toBeNull();
  await userEvent.keyboard("{Escape}");

  await waitFor(async () => expect((await answers()).at(-1)?.dataset.status).toBe("cancelled"));
});

test("offline, the page says that the message is not sent yet, and sends it when the network is back", async () => {
  let online = true;
  Object.defineProperty(navigator, "onLine", { configurable: true, get: () => online });
  open((_, init) => (isPost(init) && !online ? Promise.reject(new TypeError("failed to fetch")) : null));
  await box();
  online = false;
  await ask("Create a todo app");

  expect(await screen.findByText("You are offline. Your message is sent when you are online again.")).toBeTruthy();
  online = true;
  fireEvent(window, new Event("online"));

  await isDone();
  expect(asked()).toEqual(["Create a todo app"]);
});

test("a chat can be found by its title and given another", async () => {
  for (let index = 0; index < 8; index += 1) {
    server.sessions.set(`s-${index}`, {
      sessionId: `s-${index}`,
      appId: "demo-app",
      title: `Chat ${index}`,
      status: "idle",
      messages: [],
      fileModifications: [],
      createdAt: index,
      usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
      turn: { id: 0, ended: true, events: [] },
    });
  }
  open();
  expect(await screen.findByRole("heading", { name: "Chat 7" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Chat history" }));
  await userEvent.type(await screen.findByRole("searchbox", { name: "Search chats" }), "chat 7");
  expect(screen.getAllByRole("button", { name: /^Delete chat/ })).toHaveLength(1);

  await userEvent.click(screen.getByRole("button", { name: "Rename chat Chat 7" }));
  const title = screen.getByRole("textbox", { name: "Title" });
  await userEvent.clear(title);
  await userEvent.type(title, "The shop{Enter}");

  expect(await screen.findByRole("heading", { name: "The shop" })).toBeTruthy();
  expect(server.sessions.get("s-7")).toMatchObject({ title: "The shop" });
});

test("what a chat has used is in the meter, with the day's budget", async () => {
  open();
  await ask("Create a todo app");
  await isDone();

  await userEvent.click(screen.getByRole("button", { name: "Usage and notifications" }));

  const meter = within(screen.getByRole("dialog", { name: "Usage and notifications" }));
  expect(await meter.findByText("1,240")).toBeTruthy();
  await waitFor(() => expect(meter.getByText("1,240 of 2,000,000 tokens used")).toBeTruthy());
  expect(meter.getByRole("meter", { name: "Today's budget" }).getAttribute("value")).toBe("1240");
});

test("the tab says that an answer is ready while one looks elsewhere, and stops when one is back", async () => {
  open();
  await ask("Create a todo app");
  await screen.findByText(/I'll build/);
  setHidden(true);
  await waitFor(() => expect(document.title).toMatch(/^● Answer ready · Demo app/), { timeout: 10_000 });

  setHidden(false);
  act(() => void document.dispatchEvent(new Event("visibilitychange")));

  expect(document.title).toBe("Demo app · AI Code");
});

test("a message can be edited and an answer be had anew, in place of what followed", async () => {
  open();
  await ask("Create a todo app");
  await isDone();
  await ask("Change the heading");
  await isDone(2);

  await userEvent.click(screen.getAllByRole("button", { name: "Write again" }).at(-1)!);
  await waitFor(() => expect(server.sessions.values().next().value?.turn.id).toBe(3));
  await isDone(2);
  expect(asked()).toEqual(["Create a todo app", "Change the heading"]);

  await userEvent.click(screen.getAllByRole("button", { name: "Edit and resend" })[0]!);
  const field = await screen.findByRole("textbox", { name: "Edit message" });
  await userEvent.clear(field);
  await userEvent.type(field, "Change the title");
  await userEvent.click(screen.getByRole("checkbox", { name: /^Also undo/ }));
  await userEvent.click(within(field.closest("form")!).getByRole("button", { name: "Send" }));

  await isDone(1);
  expect(asked()).toEqual(["Change the title"]);
});
