import { expect, test } from "vitest";
import type { LoggedEvent } from "../src/api/types";
import { chat, fakeClock, newMemory, refusal, response } from "./chat";
import { complete, established, sse, stored, storedSession, turnEvents, usage } from "./events";

/** The whole stream of a turn that answers a message with a word. */
function answerOf(turn: number, messageId: string, word: string, end?: LoggedEvent[]) {
  const event = turnEvents(turn);
  return response([
    sse([
      event("connection_established", established(turn, messageId)),
      event("text_delta", { text: word }),
      ...(end ?? [event("message_complete", complete(turn))]),
    ]),
  ]);
}

/** A stream that stays open until it is told how it ends. */
function openAnswer(turn: number, messageId: string) {
  const event = turnEvents(turn);
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
      given.enqueue(encoder.encode(sse([event("connection_established", established(turn, messageId))])));
    },
  });
  return {
    stream: new Response(body, { headers: { "Content-Type": "text/event-stream" } }),
    end: (last: "complete" | "cancelled" | "error" = "complete") => {
      const events = {
        complete: () => event("message_complete", complete(turn)),
        cancelled: () => event("turn_cancelled", { turnId: turn, usage }),
        error: () => event("error", { code: "model_error", message: "No", retryable: true }),
      };
      controller.enqueue(encoder.encode(sse([events[last]()])));
      controller.close();
    },
  };
}

const texts = (messages: { content: string }[]) => messages.map((message) => message.content);
const answered = (turnId: number, text: string) => stored(turnId, text, { id: `${turnId}.1`, role: "assistant" });

test("messages that are sent while an answer is written go out after it, in their order", async () => {
  const first = openAnswer(1, "m1");
  const { store, requests, view } = chat([first.stream, answerOf(2, "m2", "two"), answerOf(3, "m3", "three")], {
    ids: ["m1", "m2", "m3"],
  });

  const sent = store.sendMessage("A");
  await expect.poll(() => view().connection).toBe("open");
  await store.sendMessage("B");
  await store.sendMessage("C");
  expect(view().queue.map((message) => message.text)).toEqual(["B", "C"]);
  expect(requests).toHaveLength(1);
  first.end();
  await sent;

  await expect.poll(() => texts(view().messages)).toEqual(["A", "", "B", "two", "C", "three"]);
  expect(view()).toMatchObject({ queue: [], held: null, status: "idle" });
});

test.each([
  ["cancelled", "stopped"],
  ["error", "failed"],
] as const)("after an answer that ended as %s the queue waits for the vendor's word", async (end, reason) => {
  const first = openAnswer(1, "m1");
  const { store, requests, view } = chat([first.stream, answerOf(2, "m2", "two")], { ids: ["m1", "m2"] });
  const sent = store.sendMessage("A");
  await expect.poll(() => view().connection).toBe("open");
  await store.sendMessage("B");
  first.end(end);
  await sent;

  expect(view()).toMatchObject({ queue: [{ text: "B" }], held: reason });
  expect(requests).toHaveLength(1);
  await store.releaseQueue();

  expect(texts(view().messages)).toEqual(["A", "", "B", "two"]);
  expect(view()).toMatchObject({ queue: [], held: null });
});

test("a queued message can be taken back before it is sent", async () => {
  const first = openAnswer(1, "m1");
  const { store, requests, view } = chat([first.stream], { ids: ["m1", "m2"] });
  const sent = store.sendMessage("A");
  await expect.poll(() => view().connection).toBe("open");
  await store.sendMessage("B");

  expect(store.withdraw("m2")).toMatchObject({ id: "m2", text: "B" });
  expect(store.withdraw("m1")).toBeNull();
  first.end();
  await sent;

  expect(requests).toHaveLength(1);
  expect(view().queue).toEqual([]);
});

test("a queued message that is refused goes back to its place, and the queue waits", async () => {
  const first = openAnswer(1, "m1");
  const { store, view } = chat([first.stream, refusal(429, "rate_limited", { "Retry-After": "7" })], {
    ids: ["m1", "m2", "m3"],
  });
  const sent = store.sendMessage("A");
  await expect.poll(() => view().connection).toBe("open");
  await store.sendMessage("B");
  await store.sendMessage("C");
  first.end();
  await sent;

  await expect.poll(() => view().held).toBe("failed");
  expect(view()).toMatchObject({ queue: [{ text: "B" }, { text: "C" }], error: { code: "rate_limited" } });
  expect(texts(view().messages)).toEqual(["A", ""]);
});

test("what was queued is there after a reload, and goes out when the running turn ends", async () => {
  const memory = newMemory();
  const first = openAnswer(1, "m1");
  const before = chat([first.stream], { memory, ids: ["m1", "m2"], live: true });
  void before.store.sendMessage("A");
  await expect.poll(() => before.view().sessionId).toBe("s1");
  await before.store.sendMessage("B");
  before.store.close();

  const after = chat(
    [
      Response.json({
        success: true,
        session: storedSession({ status: "running", messages: [stored(1, "A", { id: "m1" })] }),
      }),
      answerOf(1, "m1", "one"),
      answerOf(2, "m2", "two"),
    ],
    { memory },
  );
  await after.store.open("s1");

  await expect.poll(() => texts(after.view().messages)).toEqual(["A", "one", "B", "two"]);
  expect(await after.requests.at(-1)?.json()).toMatchObject({ message: "B", messageId: "m2" });
});

test("what was left unsent in an idle chat waits there for the vendor's word", async () => {
  const memory = newMemory();
  const before = chat([new TypeError("failed to fetch")], { memory, ids: ["m1"], clock: neverAgain() });
  void before.store.sendMessage("A");
  await expect.poll(() => before.view().connection).toBe("reconnecting");
  before.store.close();

  const after = chat([answerOf(1, "m1", "one")], { memory });
  await after.store.open(null);
  expect(after.view()).toMatchObject({ queue: [{ id: "m1", text: "A" }], held: "reopened", messages: [] });
  await after.store.releaseQueue();

  expect(texts(after.view().messages)).toEqual(["A", "one"]);
  const again = chat([], { memory });
  await again.store.open(null);
  expect(again.view().queue).toEqual([]);
});

/** A clock whose waiting never ends. */
function neverAgain() {
  return { ...fakeClock(), wait: () => new Promise<void>(() => undefined) };
}

test("a message that the server has accepted meanwhile is not offered again", async () => {
  const memory = newMemory();
  const session = storedSession({ messages: [stored(1, "A", { id: "m1" })] });
  const before = chat(
    [Response.json({ success: true, session: { ...session, messages: [] } }), new TypeError("failed to fetch")],
    { memory, ids: ["m1"], clock: neverAgain() },
  );
  await before.store.open("s1");
  void before.store.sendMessage("A");
  await expect.poll(() => before.view().connection).toBe("reconnecting");
  before.store.close();

  const after = chat([Response.json({ success: true, session })], { memory });
  await after.store.open("s1");

  expect(after.view()).toMatchObject({ queue: [], held: null });
});

test("while the machine is offline a message is tried on, and sent when it is back", async () => {
  const clock = fakeClock();
  let online = false;
  let tries = 0;
  const down = () => new TypeError("failed to fetch");
  const { store, requests, connections, view } = chat([...Array.from({ length: 12 }, down), answerOf(1, "m1", "one")], {
    clock: {
      ...clock,
      online: () => online,
      wait: async () => {
        tries += 1;
        if (tries === 12) online = true;
      },
    },
  });

  await store.sendMessage("A");

  expect(requests).toHaveLength(13);
  expect(new Set(connections)).toEqual(new Set(["connecting", "offline", "open", "idle"]));
  expect(texts(view().messages)).toEqual(["A", "one"]);
});

test("a refused message is offered to whoever has a place for it", async () => {
  const { store, view } = chat([refusal(503, "store_unavailable"), refusal(503, "store_unavailable")]);
  const offered: string[] = [];
  let hasRoom = true;
  store.setCallbacks({
    onUnsent: (message) => {
      offered.push(message.content);
      return hasRoom;
    },
  });

  await store.sendMessage("A");
  expect(view()).toMatchObject({ messages: [], error: { code: "store_unavailable" } });
  hasRoom = false;
  await store.sendMessage("A");

  expect(view().messages).toMatchObject([{ content: "A", status: "unsent" }]);
  expect(offered).toEqual(["A", "A"]);
});

test("a message waits for what has to be saved first, and is not sent where that fails", async () => {
  const { store, requests, view } = chat([answerOf(1, "m1", "one")]);
  const done: string[] = [];
  store.setCallbacks({
    beforeSend: async () => {
      done.push(`saved, ${requests.length} requests`);
    },
  });
  await store.sendMessage("A");
  expect(done).toEqual(["saved, 0 requests"]);

  store.setCallbacks({ beforeSend: () => Promise.reject(new Error("a.ts was changed meanwhile.")) });
  await store.sendMessage("B");

  expect(requests).toHaveLength(1);
  expect(view().messages.at(-1)).toMatchObject({ content: "B", status: "unsent" });
  expect(view().error?.message).toBe(
    "Your changes could not be saved, so the message was not sent. a.ts was changed meanwhile.",
  );
});

const twoTurns = () =>
  Response.json({
    success: true,
    session: storedSession({
      messages: [stored(1, "A"), answered(1, "one"), stored(2, "B"), answered(2, "two")],
    }),
  });

test("an edited message takes the place of the old one and of all that followed", async () => {
  const { store, requests, view } = chat([twoTurns(), answerOf(3, "m1", "three")]);
  await store.open("s1");

  await store.editMessage("h1", "Not A");

  expect(texts(view().messages)).toEqual(["Not A", "three"]);
  expect(await requests[1]?.json()).toEqual({
    message: "Not A",
    appId: "a1",
    sessionId: "s1",
    messageId: "m1",
    replaces: "h1",
  });
});

test("what an edited message replaces comes back where the message is refused", async () => {
  const { store, view } = chat([twoTurns(), refusal(429, "rate_limited"), answerOf(3, "m1", "three")]);
  store.setCallbacks({ onUnsent: () => true });
  await store.open("s1");

  await store.editMessage("h2", "Not B");
  expect(texts(view().messages)).toEqual(["A", "one", "B", "two", "Not B"]);
  expect(view().messages.at(-1)).toMatchObject({ status: "unsent", replaces: "h2" });
  await store.retry();

  expect(texts(view().messages)).toEqual(["A", "one", "Not B", "three"]);
});

test("an answer can be had anew", async () => {
  const { store, requests, view } = chat([twoTurns(), answerOf(3, "m1", "three")]);
  await store.open("s1");

  await store.regenerate(2);

  expect(texts(view().messages)).toEqual(["A", "one", "B", "three"]);
  expect(await requests[1]?.json()).toMatchObject({ message: "B", replaces: "h2" });
});

test("the beginning and the end of a turn, and what is being written, are told to whoever listens", async () => {
  const event = turnEvents();
  const tool = { toolId: "t1", toolName: "create_file" };
  const { store } = chat(
    [
      response([
        sse([event("connection_established", established()), event("tool_use_start", tool)]),
        sse([event("tool_use_input", { toolId: "t1", path: "a.ts", delta: "const " })]),
        sse([event("tool_use_input", { toolId: "t1", delta: "a" })]),
        sse([event("tool_use_progress", { ...tool, status: "completed", data: { summary: "created" } })]),
        sse([event("message_complete", complete())]),
      ]),
    ],
    { live: true },
  );
  const heard: unknown[] = [];
  store.setCallbacks({
    onTurnStart: (turn) => heard.push(turn),
    onTurnEnd: (turn) => heard.push(turn),
    onWriting: ({ path, text, done }) => heard.push([path, text, done]),
  });

  await store.sendMessage("A");

  expect(heard).toEqual([
    { sessionId: "s1", turnId: 1 },
    ["a.ts", "const ", false],
    ["a.ts", "const a", false],
    ["a.ts", "const a", true],
    { sessionId: "s1", turnId: 1, status: "complete" },
  ]);
});
