/** A turn that waits for the vendor: what the chat shows, whom it asks, and how it goes on. */
import { expect, test } from "vitest";
import type { PendingApproval } from "../src/api/types";
import type { ShownPreview } from "../src/chat/callbacks";
import { isAtWork, openRequests } from "../src/chat/model";
import { chat, refusal, response } from "./chat";
import { complete, established, play, sse, stored, storedSession, turnEvents, usage } from "./events";

type Ask = Omit<PendingApproval, "createdAt">;
const publish: Ask = {
  approvalId: "p1",
  toolId: "c1",
  toolName: "publish_app",
  summary: "Publish revision 3",
  input: { revision: 3 },
};
const push: Ask = {
  ...publish,
  approvalId: "p2",
  toolId: "c2",
  toolName: "push_app",
  summary: "Push to main",
  input: {},
};
const colour = { question: "Which colour?", options: [{ label: "Red" }, { label: "Blue" }] };
const pending = (...asked: Ask[]): PendingApproval[] => asked.map((one) => ({ ...one, createdAt: 1 }));

/** The events of a turn that asks for these, up to its wait. */
function waitingTurn(event: ReturnType<typeof turnEvents>, ...asked: Ask[]) {
  return [
    event("connection_established", established()),
    event("text_delta", { text: "Ready to go out." }),
    ...asked.map(({ toolId, toolName }) => event("tool_use_start", { toolId, toolName })),
    ...asked.map((one) => event("tool_approval_request", one)),
    event("turn_waiting", { turnId: 1, approvals: asked.map(({ approvalId }) => approvalId) }),
  ];
}
const accepted = (waiting: number, approved = true) => Response.json({ success: true, approved, waiting });
const sessionAnswer = (given: Parameters<typeof storedSession>[0]) =>
  Response.json({ success: true, session: storedSession(given) });
/** The stored session of a turn that asks for these. */
const waitingSession = (...asked: Ask[]) =>
  sessionAnswer({
    status: "waiting",
    pendingApprovals: pending(...asked),
    messages: [
      stored(1, "Publish it"),
      stored(1, "Ready to go out.", {
        id: "h2",
        role: "assistant",
        content: [
          { type: "text", text: "Ready to go out." },
          ...asked.map(({ toolId, toolName, input }) => ({ type: "tool_use" as const, toolId, toolName, input })),
        ],
        turn: { status: "waiting", usage, fileChanges: [], startedAt: 1, undone: false },
      }),
    ],
  } as Parameters<typeof storedSession>[0]);
const isOpen = (view: Parameters<typeof openRequests>[0]) => openRequests(view).map(({ id }) => id);

test("a turn that waits ends the stream, and nobody asks for it again until it is answered", async () => {
  const event = turnEvents();
  const { store, requests, view } = chat([response([sse(waitingTurn(event, publish))])]);

  await store.sendMessage("Publish it");

  expect(requests).toHaveLength(1);
  expect(view().status).toBe("waiting");
  expect(view().messages.at(-1)?.status).toBe("waiting");
  expect(openRequests(view())).toEqual([
    {
      kind: "approval",
      id: "p1",
      toolId: "c1",
      toolName: "publish_app",
      summary: "Publish revision 3",
      input: { revision: 3 },
    },
  ]);
});

test("the last answer has the turn followed from where it was left", async () => {
  const event = turnEvents();
  const start = waitingTurn(event, publish, push);
  const rest = [
    event("tool_use_progress", { toolId: "c1", toolName: "publish_app", status: "completed", data: {} }),
    event("text_delta", { text: "It is live." }),
    event("message_complete", complete()),
  ];
  const { store, requests, view } = chat([response([sse(start)]), accepted(1), accepted(0), response([sse(rest)])]);
  const told: string[] = [];
  store.setCallbacks({
    onTurnStart: () => told.push("start"),
    onTurnWaiting: ({ what }) => told.push(`waits: ${what}`),
    onTurnEnd: ({ status }) => told.push(status),
  });
  await store.sendMessage("Publish it");

  await store.answer("p1", { approved: true, remember: "session" });
  expect(view().status).toBe("waiting");
  expect(isOpen(view())).toEqual(["p2"]);
  await store.answer("p2", { approved: false, reason: "Not yet" });
  await expect.poll(() => view().status).toBe("idle");

  expect(requests.map(({ method, url }) => `${method} ${new URL(url).pathname.split("/").slice(4).join("/")}`)).toEqual(
    ["POST ", "POST s1/approvals/p1", "POST s1/approvals/p2", "GET s1/stream"],
  );
  expect(await requests[1]?.json()).toEqual({ approved: true, remember: "session" });
  expect(requests[3]?.headers.get("Last-Event-ID")).toBe(`1-${start.length}`);
  expect(view().messages.at(-1)).toMatchObject({ status: "complete", content: "Ready to go out.\n\nIt is live." });
  expect(view().answers).toEqual({
    p1: { approved: true, remember: "session" },
    p2: { approved: false, reason: "Not yet" },
  });
  expect(told).toEqual(["start", "waits: Publish revision 3", "start", "complete"]);
});

test("a turn that is read again from its start goes on past its wait, and keeps what was answered", () => {
  const event = turnEvents();
  const before = play(waitingTurn(event, publish));
  const answered = { ...before, answers: { p1: { approved: true } } };
  const again = turnEvents();

  const after = play([...waitingTurn(again, publish), again("text_delta", { text: "Live." })], answered);

  expect(after.status).toBe("running");
  expect(after.messages.at(-1)).toMatchObject({ status: "streaming", content: "Ready to go out.\n\nLive." });
  expect(after.messages.at(-1)?.parts.filter(({ kind }) => kind === "request")).toHaveLength(1);
  expect(after.answers).toEqual({ p1: { approved: true } });
});

test("a chat that is opened while it waits shows what it waits for, and follows the turn after the answer", async () => {
  const event = turnEvents();
  const all = [...waitingTurn(event, publish), event("message_complete", complete())];
  const { store, requests, view } = chat([waitingSession(publish), accepted(0), response([sse(all)])]);

  await store.open("s1");
  expect(view().status).toBe("waiting");
  expect(isOpen(view())).toEqual(["p1"]);
  expect(view().messages.map(({ status }) => status)).toEqual(["complete", "waiting"]);
  await store.answer("p1", { approved: true });
  await expect.poll(() => view().status).toBe("idle");

  expect(requests.at(-1)?.headers.get("Last-Event-ID")).toBeNull();
  expect(view().messages.map(({ status }) => status)).toEqual(["complete", "complete"]);
});

test("an answer that was given elsewhere is noticed when the page looks again", async () => {
  const event = turnEvents();
  const start = waitingTurn(event, publish);
  const end = [event("message_complete", complete())];
  const running = { status: "running" as const, messages: [stored(1, "Publish it")] };
  const { store, requests, view } = chat([response([sse(start)]), sessionAnswer(running), response([sse(end)])]);
  await store.sendMessage("Publish it");

  await store.lookAgain();
  await expect.poll(() => view().status).toBe("idle");

  expect(requests.at(-1)?.headers.get("Last-Event-ID")).toBe(`1-${start.length}`);
});

test("one of two answers that was given elsewhere leaves the other to be answered", async () => {
  const { store, view } = chat([waitingSession(publish, push), waitingSession(push), waitingSession(push)]);
  await store.open("s1");
  expect(isOpen(view())).toEqual(["p1", "p2"]);

  await store.lookAgain();
  const shown = view().messages;
  await store.lookAgain();

  expect(isOpen(view())).toEqual(["p2"]);
  expect(view().messages).toBe(shown);
});

test("of two answers the first counts, and who comes second is shown that one", async () => {
  const event = turnEvents();
  const start = waitingTurn(event, publish);
  const running = { status: "running" as const, messages: [stored(1, "Publish it")] };
  const said = { approvalId: "p1", toolId: "c1", toolName: "publish_app", summary: "Publish revision 3" };
  const end = [
    event("request_answered", { ...said, approved: false, reason: "Not yet" }),
    event("message_complete", complete()),
  ];
  const { store, view } = chat([
    response([sse(start)]),
    refusal(409, "already_answered"),
    sessionAnswer(running),
    response([sse(end)]),
  ]);
  await store.sendMessage("Publish it");

  await store.answer("p1", { approved: true });
  await expect.poll(() => view().status).toBe("idle");

  expect(view().answers.p1).toMatchObject({ approved: false, reason: "Not yet" });
});

test("what was answered is there after a reload, with what was asked", async () => {
  const ask = {
    approvalId: "q1",
    toolId: "c2",
    toolName: "ask_user",
    summary: "Which colour?",
    input: { questions: [colour] },
  };
  const calls = [publish, ask].map(({ toolId, toolName, input }) => ({
    type: "tool_use" as const,
    toolId,
    toolName,
    input,
  }));
  const said = [
    { ...publish, approved: false, reason: "Not yet" },
    { ...ask, approved: true, answers: [["Blue"]] },
  ].map(({ input: _, ...answered }) => ({ type: "request_answered" as const, ...answered }));
  const { store, view } = chat([
    sessionAnswer({
      messages: [
        stored(1, "Publish it"),
        stored(1, "", { id: "h2", role: "assistant", content: calls }),
        ...said.map((one, at) => stored(1, "", { id: `h${at + 3}`, content: [one] })),
      ],
    }),
  ]);

  await store.open("s1");

  const [question, answer] = view().messages;
  expect(view().messages).toHaveLength(2);
  expect(question?.content).toBe("Publish it");
  expect(answer?.parts.filter(({ kind }) => kind === "request")).toEqual([
    { kind: "request", request: { kind: "approval", id: "p1", ...withoutId(publish) } },
    { kind: "request", request: { kind: "question", id: "q1", questions: [colour] } },
  ]);
  expect(view().answers).toMatchObject({
    p1: { approved: false, reason: "Not yet" },
    q1: { approved: true, answers: [["Blue"]] },
  });
});

const withoutId = ({ approvalId: _, ...call }: Ask) => call;

test("an answer that does not arrive leaves the request open", async () => {
  const { store, view } = chat([response([sse(waitingTurn(turnEvents(), publish))]), new TypeError("offline")]);
  await store.sendMessage("Publish it");

  await expect(store.answer("p1", { approved: true })).rejects.toMatchObject({ code: "network" });

  expect(isOpen(view())).toEqual(["p1"]);
});

test("Stop while a turn waits ends it", async () => {
  const event = turnEvents();
  const start = waitingTurn(event, publish);
  const stopped = Response.json({ success: true, cancelled: true });
  const end = [event("turn_cancelled", { turnId: 1, usage })];
  const { store, requests, view } = chat([response([sse(start)]), stopped, response([sse(end)])]);
  await store.sendMessage("Publish it");

  await store.cancel();
  await expect.poll(() => view().status).toBe("cancelled");

  expect(requests.map(({ url }) => new URL(url).pathname.split("/").at(-1))).toEqual([
    "ai-chat-v2",
    "cancel",
    "stream",
  ]);
  expect(view()).toMatchObject({ cancelling: false });
  expect(view().messages.at(-1)).toMatchObject({ status: "cancelled" });
  expect(isOpen(view())).toEqual([]);
});

test("a new message goes out at once, and with it the turn that waited has ended", async () => {
  const event = turnEvents();
  const next = turnEvents(2);
  const second = [next("connection_established", established(2, "m2")), next("message_complete", complete(2))];
  const { store, view } = chat([response([sse(waitingTurn(event, publish))]), response([sse(second)])], {
    ids: ["m1", "m2"],
  });
  await store.sendMessage("Publish it");

  await store.sendMessage("No, make it blue first");

  expect(view().messages.map(({ role, status }) => `${role} ${status}`)).toEqual([
    "user complete",
    "assistant cancelled",
    "user complete",
    "assistant complete",
  ]);
});

test("a new message that is refused leaves the turn waiting", async () => {
  const { store, view } = chat([response([sse(waitingTurn(turnEvents(), publish))]), refusal(429, "rate_limited")], {
    ids: ["m1", "m2"],
  });
  await store.sendMessage("Publish it");

  await store.sendMessage("No, make it blue first");

  expect(view().status).toBe("waiting");
  expect(isOpen(view())).toEqual(["p1"]);
});

test("messages that were queued wait for the end of the turn, not for its wait", async () => {
  const { store, requests, view } = chat([response([sse(waitingTurn(turnEvents(), publish))])], { ids: ["m1", "m2"] });
  const first = store.sendMessage("Publish it");
  await store.sendMessage("Then make it blue");

  await first;

  expect(view()).toMatchObject({ status: "waiting", held: null });
  expect(view().queue.map(({ text }) => text)).toEqual(["Then make it blue"]);
  expect(requests).toHaveLength(1);
});

test("a question is asked with its choices, whether it comes by the stream or from the stored session", async () => {
  const event = turnEvents();
  const streamed = play([
    event("connection_established", established()),
    event("question", { approvalId: "q1", questions: [colour] }),
    event("turn_waiting", { turnId: 1, approvals: ["q1"] }),
  ]);
  const ask = {
    approvalId: "q1",
    toolId: "c1",
    toolName: "ask_user",
    summary: "Which colour?",
    input: { questions: [colour] },
  };
  const { store, view } = chat([waitingSession(ask)]);
  await store.open("s1");

  const asked = [{ kind: "question", id: "q1", questions: [colour] }];
  expect(openRequests(streamed)).toEqual(asked);
  expect(openRequests(view())).toEqual(asked);
});

/** A turn that wants to see the preview, up to its wait. */
function lookingTurn(event: ReturnType<typeof turnEvents>) {
  return [
    event("connection_established", established()),
    event("tool_use_start", { toolId: "c1", toolName: "look_at_preview" }),
    event("preview_request", { approvalId: "v1", toolId: "c1" }),
    event("turn_waiting", { turnId: 1, approvals: ["v1"] }),
  ];
}
const closed: ShownPreview = { isOpen: () => true, photograph: async () => null };

test("a message says whether a preview is open, and a preview that was closed since is not looked at", async () => {
  const event = turnEvents();
  const start = lookingTurn(event);
  const end = [event("message_complete", complete())];
  const { store, requests, view } = chat([response([sse(start)]), accepted(0, false), response([sse(end)])]);
  store.setCallbacks({ preview: closed, onTurnWaiting: () => expect.unreachable("the vendor is not asked") });

  await store.sendMessage("Look at it");
  await expect.poll(() => view().status).toBe("idle");

  expect(await requests[0]?.json()).toMatchObject({ preview: true });
  expect(await requests[1]?.json()).toEqual({ approved: false, reason: "No preview is open." });
});

test("while Claude looks at the preview the turn is at work, and a message waits its turn", async () => {
  const { store, requests, view } = chat([response([sse(lookingTurn(turnEvents()))])], { ids: ["m1", "m2"] });
  store.setCallbacks({ preview: { isOpen: () => true, photograph: () => new Promise(() => undefined) } });
  await store.sendMessage("Look at it");

  expect(isAtWork(view())).toBe(true);
  await store.sendMessage("And then?");

  expect(view().queue.map(({ text }) => text)).toEqual(["And then?"]);
  expect(requests).toHaveLength(1);
});

test("a page that has not sent the message leaves the look to the one that has, for three seconds", async () => {
  const asked = {
    ...publish,
    approvalId: "v1",
    toolName: "look_at_preview",
    summary: "",
    input: {},
  };
  const { store, clock, requests, view } = chat([
    waitingSession(asked),
    accepted(0, false),
    response([sse(lookingTurn(turnEvents()))]),
  ]);
  store.setCallbacks({ preview: closed });

  await store.open("s1");
  await expect.poll(() => requests.length).toBeGreaterThan(1);

  expect(clock.waits[0]).toBe(3000);
  expect(view().answers.v1).toEqual({ approved: false, reason: "No preview is open." });
  store.close();
});

test("a page that was reloaded while Claude looks answers as soon as its preview is there", async () => {
  const asked = { ...publish, approvalId: "v1", toolName: "look_at_preview", summary: "", input: {} };
  const { store, clock, requests, view } = chat([
    waitingSession(asked),
    accepted(0, false),
    response([sse(lookingTurn(turnEvents()))]),
  ]);
  let looks = 0;
  // There with the third look.
  store.setCallbacks({ preview: { ...closed, isOpen: () => ++looks > 2 } });

  await store.open("s1");
  await expect.poll(() => requests.length).toBeGreaterThan(1);

  expect(clock.waits.slice(0, 3)).toEqual([3000, 1000, 1000]);
  expect(view().answers.v1).toBeTruthy();
  store.close();
});

test("a look that is asked for while the connection breaks is given all the same", async () => {
  const event = turnEvents();
  const asked = { ...publish, approvalId: "v1", toolName: "look_at_preview", summary: "", input: {} };
  const { store, requests } = chat([
    response([sse(lookingTurn(event))], "break"),
    new Response(null, { status: 204 }),
    waitingSession(asked),
    accepted(0, false),
    response([sse([event("message_complete", complete())])]),
  ]);
  store.setCallbacks({ preview: closed });

  await store.sendMessage("Look at it");
  await expect.poll(() => requests.length).toBeGreaterThan(3);

  expect(requests[3]?.url).toContain("/approvals/v1");
  store.close();
});

test("a page without an open preview says nothing to a look that another page is asked for", async () => {
  const asked = {
    ...publish,
    approvalId: "v1",
    toolName: "look_at_preview",
    summary: "",
    input: {},
  };
  const { store, clock, requests } = chat([waitingSession(asked)]);
  store.setCallbacks({ preview: { ...closed, isOpen: () => false } });

  await store.open("s1");
  await expect.poll(() => clock.waits).toContain(3000);

  expect(requests).toHaveLength(1);
});
