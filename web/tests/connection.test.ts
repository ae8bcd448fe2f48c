import { expect, test } from "vitest";
import { createApi, DEFAULT_CONFIG, type Fetch } from "../src/api/client";
import { readEvents, SilentStreamError } from "../src/api/sse";
import { TurnConnection } from "../src/chat/connection";
import { createChatStore } from "../src/chat/store";
import { chat, fakeClock, refusal, response, server } from "./chat";
import { complete, established, sse, stored, storedSession, turnEvents, usage } from "./events";

test("frames that are cut anywhere, also inside a character, arrive whole", async () => {
  const event = turnEvents();
  const bytes = new TextEncoder().encode(
    `: keep-alive\n\n${sse([event("connection_established", established()), event("text_delta", { text: "héllo 🌍" })])}`,
  );
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });

  const texts: unknown[] = [];
  for await (const events of readEvents(body)) texts.push(...events.map(({ event }) => event.data));

  expect(texts).toEqual([established(), { text: "héllo 🌍" }]);
});

test("a stream that says nothing at all for too long counts as broken", async () => {
  const silent = new ReadableStream<Uint8Array>();

  await expect(readEvents(silent, 5).next()).rejects.toBeInstanceOf(SilentStreamError);
});

test("a dropped connection is taken up after the last event, with nothing lost or doubled", async () => {
  const event = turnEvents();
  const all = [
    event("connection_established", established()),
    event("text_delta", { text: "one " }),
    event("text_delta", { text: "two " }),
    event("text_delta", { text: "three" }),
    event("message_complete", complete()),
  ];
  const { store, requests, connections, view } = chat([
    response([sse(all.slice(0, 3))], "break"),
    response([sse(all.slice(3))]),
  ]);

  await store.sendMessage("Hi");

  expect(view().messages.at(-1)).toMatchObject({ content: "one two three", status: "complete" });
  expect(requests.map((request) => request.method)).toEqual(["POST", "GET"]);
  expect(requests[1]?.url).toContain("/s1/stream");
  expect(requests[1]?.headers.get("Last-Event-ID")).toBe("1-3");
  expect(connections).toEqual(["connecting", "open", "reconnecting", "open", "idle"]);
});

test("a stream that closes without a terminal event is a dropped connection too", async () => {
  const event = turnEvents();
  const { store, clock, view } = chat([
    response([sse([event("connection_established", established())])]),
    response([sse([event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");

  expect(clock.waits).toEqual([500]);
  expect(view().status).toBe("idle");
});

test("a turn that is handed over is followed at once and without a banner", async () => {
  const event = turnEvents();
  const { store, clock, connections } = chat([
    response([sse([event("connection_established", established()), event("turn_handover", { reason: "deadline" })])]),
    response([sse([event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");

  expect(clock.waits).toEqual([]);
  expect(connections).not.toContain("reconnecting");
});

test("a stream that ends because its function does is asked for again at once and without a banner", async () => {
  const event = turnEvents();
  const { store, requests, clock, connections, view } = chat([
    response([sse([event("connection_established", established())]), ": keep-alive\n\n: recon", "nect\n\n"]),
    response([": keep-alive\n\n", ": reconnect\n\n"]),
    response([sse([event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");

  expect(clock.waits).toEqual([]);
  expect(connections).not.toContain("reconnecting");
  expect(requests.map((request) => request.headers.get("Last-Event-ID"))).toEqual([null, "1-1", "1-1"]);
  expect(view()).toMatchObject({ status: "idle", error: null });
});

test("a connection that breaks after it was told to reconnect once is a dropped one again", async () => {
  const event = turnEvents();
  const { store, clock } = chat([
    response([sse([event("connection_established", established())]), ": reconnect\n\n"]),
    response([": keep-alive\n\n"], "break"),
    response([sse([event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");

  expect(clock.waits).toHaveLength(1);
});

test("a stream too many is asked for again when the server says, without an error", async () => {
  const event = turnEvents();
  const { store, clock, view } = chat([
    response([sse([event("connection_established", established())])], "break"),
    refusal(429, "too_many_streams", { "Retry-After": "5" }),
    refusal(429, "too_many_streams", { "Retry-After": "5" }),
    response([sse([event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");

  expect(clock.waits).toEqual([500, 5000, 5000]);
  expect(view()).toMatchObject({ status: "idle", error: null });
});

test("a message whose turn runs already waits for a stream of it, as often as it takes", async () => {
  const event = turnEvents();
  const full = () => refusal(429, "too_many_streams", { "Retry-After": "5" });
  const { store, requests, clock, view } = chat([
    new TypeError("failed to fetch"),
    ...Array.from({ length: 6 }, full),
    response([sse([event("connection_established", established()), event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");
  const bodies = await Promise.all(requests.map((request) => request.json()));

  expect(new Set(bodies.map((body) => body.messageId))).toEqual(new Set(["m1"]));
  expect(clock.waits).toEqual([500, ...Array.from({ length: 6 }, () => 5000)]);
  expect(view()).toMatchObject({ status: "idle", error: null });
});

test("a message that nobody answered is posted again under the same id, ever more slowly", async () => {
  const event = turnEvents();
  const { store, requests, clock } = chat([
    new TypeError("failed to fetch"),
    new TypeError("failed to fetch"),
    response([sse([event("connection_established", established()), event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");
  const bodies = await Promise.all(requests.map((request) => request.json()));

  expect(bodies.map((body) => body.messageId)).toEqual(["m1", "m1", "m1"]);
  expect(clock.waits).toEqual([500, 1000]);
});

test("reconnecting backs off to eight seconds and no further", async () => {
  const event = turnEvents();
  const down = () => new TypeError("failed to fetch");
  const { store, clock } = chat([
    response([sse([event("connection_established", established())])]),
    ...Array.from({ length: 6 }, down),
    response([sse([event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");

  expect(clock.waits).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test("a refused message stays as not sent, with the wait that the server asked for", async () => {
  const { store, view } = chat([refusal(429, "rate_limited", { "Retry-After": "7" })]);

  await store.sendMessage("Hi");

  expect(view().messages).toMatchObject([{ status: "unsent", content: "Hi" }]);
  expect(view().error).toMatchObject({ code: "rate_limited", retryAt: 1_007_000 });
  expect(view().status).toBe("idle");
});

test("a busy session shows the turn that keeps it busy, and answers the message after it", async () => {
  const event = turnEvents(4);
  const later = turnEvents(5);
  const session = storedSession({ messages: [stored(3, "Old")] });
  const { store, requests, view } = chat([
    Response.json({ success: true, session }),
    refusal(409, "session_busy"),
    response([
      sse([
        event("connection_established", established(4, "other")),
        event("text_delta", { text: "busy" }),
        event("message_complete", complete(4)),
      ]),
    ]),
    Response.json({
      success: true,
      session: { ...session, messages: [...session.messages, stored(4, "Asked elsewhere")] },
    }),
    response([
      sse([
        later("connection_established", established(5, "m1")),
        later("text_delta", { text: "hello" }),
        later("message_complete", complete(5)),
      ]),
    ]),
  ]);
  await store.open("s1");

  await store.sendMessage("Hi");
  await expect
    .poll(() => view().messages.map((message) => message.content))
    .toEqual(["Old", "Asked elsewhere", "busy", "Hi", "hello"]);
  expect(view()).toMatchObject({ status: "idle", error: null, queue: [] });

  expect(requests.map((request) => request.method)).toEqual(["GET", "POST", "GET", "GET", "POST"]);
});

test("opening a running session attaches to its stream", async () => {
  const event = turnEvents(1);
  const { store, requests, view } = chat([
    Response.json({ success: true, session: storedSession({ status: "running" }) }),
    response([sse([event("connection_established", established()), event("message_complete", complete())])]),
  ]);

  await store.open("s1");
  await expect.poll(() => view().status).toBe("idle");

  expect(requests[1]?.url).toMatch(/\/s1\/stream$/);
  expect(requests[1]?.headers.get("Last-Event-ID")).toBeNull();
});

test("an interrupted session is continued on request", async () => {
  const event = turnEvents(1);
  const { store, requests, view } = chat([
    Response.json({ success: true, session: storedSession({ status: "interrupted" }) }),
    response([sse([event("connection_established", established()), event("message_complete", complete())])]),
  ]);
  await store.open("s1");
  expect(view().status).toBe("interrupted");

  await store.resume();

  expect(requests[1]?.url).toMatch(/\/s1\/stream\?continue=1$/);
  expect(view().status).toBe("idle");
});

test("where nothing is left to stream, the history tells how the turn ended", async () => {
  const event = turnEvents();
  const session = storedSession({ messages: [stored(1, "all of it", { role: "assistant" })] });
  const { store, view } = chat([
    response([sse([event("connection_established", established())])]),
    new Response(null, { status: 204 }),
    Response.json({ success: true, session }),
  ]);

  await store.sendMessage("Hi");

  expect(view()).toMatchObject({ status: "idle", messages: [{ content: "all of it" }] });
});

test("what was shown of an interrupted turn stays until it is taken up again", async () => {
  const event = turnEvents();
  const again = turnEvents();
  const { store, requests, view } = chat([
    response([sse([event("connection_established", established()), event("text_delta", { text: "half" })])]),
    new Response(null, { status: 204 }),
    Response.json({ success: true, session: storedSession({ status: "interrupted", messages: [stored(1, "Hi")] }) }),
    response([
      sse([
        again("connection_established", established()),
        again("text_delta", { text: "all of it" }),
        again("message_complete", complete()),
      ]),
    ]),
  ]);

  await store.sendMessage("Hi");
  expect(view()).toMatchObject({ status: "interrupted", messages: [{}, { content: "half", status: "error" }] });
  await store.resume();

  expect(requests.at(-1)?.url).toMatch(/continue=1$/);
  expect(requests.at(-1)?.headers.get("Last-Event-ID")).toBeNull();
  expect(view().messages.map((message) => message.content)).toEqual(["Hi", "all of it"]);
});

test("a session that is gone ends the reconnecting with a sentence", async () => {
  const event = turnEvents();
  const { store, view } = chat([
    response([sse([event("connection_established", established())])]),
    refusal(410, "session_expired"),
  ]);

  await store.sendMessage("Hi");

  expect(view().error?.message).toMatch(/chat has expired/);
  expect(view().connection).toBe("idle");
  expect(view()).toMatchObject({ status: "error", messages: [{ status: "complete" }, { status: "error" }] });
});

test("an ended turn whose history cannot be read yet is asked for again", async () => {
  const event = turnEvents();
  const session = storedSession({ messages: [stored(1, "all of it", { role: "assistant" })] });
  const { store, view } = chat([
    response([sse([event("connection_established", established())])]),
    new Response(null, { status: 204 }),
    refusal(503, "store_unavailable"),
    new Response(null, { status: 204 }),
    Response.json({ success: true, session }),
  ]);

  await store.sendMessage("Hi");

  expect(view()).toMatchObject({ status: "idle", error: null, messages: [{ content: "all of it" }] });
});

test("a turn that somebody else began is shown with its question", async () => {
  const first = turnEvents(1);
  const second = turnEvents(2);
  const { store, view } = chat([
    response([sse([first("connection_established", established())])], "break"),
    response([
      sse([
        first("message_complete", complete()),
        second("connection_established", established(2, "elsewhere")),
        second("text_delta", { text: "of the second" }),
      ]),
      sse([second("message_complete", complete(2))]),
    ]),
    Response.json({ success: true, session: storedSession({ messages: [stored(1, "Hi"), stored(2, "And then?")] }) }),
  ]);

  await store.sendMessage("Hi");

  await expect
    .poll(() => view().messages.map((message) => message.content))
    .toEqual(["Hi", "", "And then?", "of the second"]);
});

test("Stop before the server has answered stops the turn as soon as it begins", async () => {
  const event = turnEvents();
  let begin = () => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const requests: string[] = [];
  const fetcher: Fetch = async (input) => {
    requests.push(String(input).split("/").at(-1) ?? "");
    if (String(input).endsWith("/cancel")) return Response.json({ success: true, cancelled: true });
    await begun;
    return response([
      sse([event("connection_established", established())]),
      sse([event("turn_cancelled", { turnId: 1, usage })]),
    ]);
  };
  const store = createChatStore({
    api: createApi(DEFAULT_CONFIG, fetcher),
    appId: "a1",
    clock: { now: () => 1, random: () => 0, online: () => true, wait: () => new Promise(() => undefined) },
    schedule: () => undefined,
    newId: () => "m1",
  });

  const sent = store.sendMessage("Hi");
  void store.cancel();
  expect(store.view.getState()).toMatchObject({ cancelling: true, status: "running" });
  begin();
  await sent;

  expect(requests).toEqual(["ai-chat-v2", "cancel"]);
  expect(store.view.getState()).toMatchObject({ cancelling: false, status: "cancelled" });
});

test("Stop while nobody answers ends the trying, and the message was not sent", async () => {
  const { store, requests, view } = chat(Array.from({ length: 5 }, () => new TypeError("failed to fetch")));
  store.view.subscribe((now) => {
    if (now.connection === "reconnecting" && !now.cancelling) void store.cancel();
  });

  await store.sendMessage("Hi");

  expect(requests).toHaveLength(1);
  expect(view()).toMatchObject({ status: "idle", cancelling: false, messages: [{ status: "unsent" }] });
});

test("a look at a session that went on elsewhere shows what came, one at a session that did not changes nothing", async () => {
  const said = (turnId: number) => stored(turnId, `turn ${turnId}`);
  const one = storedSession({ messages: [said(1)] });
  const { store, view } = chat([
    Response.json({ success: true, session: one }),
    Response.json({ success: true, session: one }),
    new TypeError("failed to fetch"),
    refusal(503, "store_unavailable"),
    Response.json({ success: true, session: { ...one, messages: [said(1), said(2)] } }),
    refusal(404, "not_found"),
  ]);
  await store.open("s1");
  const { messages } = view();

  await store.lookAgain();
  expect(view().messages).toBe(messages);
  await store.lookAgain();
  expect(view().messages).toBe(messages);
  await store.sendMessage("Hi");
  await store.lookAgain();
  expect(view().messages.map((message) => message.content)).toEqual(["turn 1", "turn 2", "Hi"]);
  expect(view()).toMatchObject({ error: { code: "store_unavailable" } });
  await store.lookAgain();
  expect(view().error).toMatchObject({ code: "session_gone" });
});

test("a session of another app is not shown", async () => {
  const { store, view } = chat([Response.json({ success: true, session: storedSession({ appId: "a2" }) })]);

  await store.open("s1");

  expect(view()).toMatchObject({ sessionId: null, error: { code: "session_gone" } });
});

test("a session that could not be deleted is shown on", async () => {
  const { store, view } = chat([
    Response.json({ success: true, session: storedSession() }),
    refusal(503, "store_unavailable"),
  ]);
  await store.open("s1");

  await store.clearHistory();

  expect(view()).toMatchObject({ sessionId: "s1", error: { code: "store_unavailable" } });
});

test("a session that was deleted elsewhere already counts as deleted", async () => {
  const { store, view } = chat([Response.json({ success: true, session: storedSession() }), refusal(404, "not_found")]);
  await store.open("s1");

  await store.clearHistory();

  expect(view()).toMatchObject({ sessionId: null, error: null });
});

test("file changes and the end of the turn are told to whoever listens", async () => {
  const event = turnEvents();
  const change = { path: "a.ts", action: "created" as const, version: 1, additions: 1, deletions: 0, toolId: "t1" };
  const { store } = chat([
    response([
      sse([
        event("connection_established", established()),
        event("file_change", change),
        event("message_complete", complete()),
      ]),
    ]),
  ]);
  const heard: unknown[] = [];
  store.setCallbacks({
    onFileChange: (given) => heard.push(given),
    onMessage: (message) => heard.push(message.status),
  });

  await store.sendMessage("Hi");

  expect(heard).toEqual([change, "complete"]);
});

test("closing stops the reading without an error", async () => {
  const { api } = server([response([": keep-alive\n\n"])]);
  const connection = new TurnConnection(
    api,
    {
      onStatus: (status) => {
        if (status === "reconnecting") connection.close();
      },
      onEvents: () => undefined,
      position: () => ({ sessionId: "s1", lastEventId: null }),
    },
    fakeClock(),
  );

  await expect(connection.follow({ kind: "stream" })).resolves.toEqual({ kind: "aborted" });
});
