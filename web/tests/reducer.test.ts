import { expect, test } from "vitest";
import { EMPTY_CHAT } from "../src/chat/model";
import { reduce } from "../src/chat/reducer";
import { complete, established, play, stored, storedSession, turnEvents, usage } from "./events";

test("a turn's text, thinking and tools become the parts of one answer, in their order", () => {
  const event = turnEvents();
  const sent = reduce(EMPTY_CHAT, { type: "sent", messageId: "m1", text: "Hi", at: 1 });

  const state = play(
    [
      event("connection_established", established()),
      event("thinking_delta", { text: "Hm" }),
      event("text_delta", { text: "I'll " }),
      event("text_delta", { text: "read." }),
      event("tool_use_start", { toolId: "t1", toolName: "read_file" }),
      event("tool_use_progress", {
        toolId: "t1",
        toolName: "read_file",
        status: "completed",
        data: { input: { path: "a.ts" }, summary: "3 lines", durationMs: 7 },
      }),
      event("step_complete", { step: 1 }),
      event("text_delta", { text: "Done." }),
      event("message_complete", complete()),
    ],
    sent,
  );

  expect(state.messages.map((message) => [message.role, message.status])).toEqual([
    ["user", "complete"],
    ["assistant", "complete"],
  ]);
  expect(state.messages[1]?.parts.map((part) => part.kind)).toEqual(["thinking", "text", "tool", "text"]);
  expect(state.messages[1]?.content).toBe("I'll read.\n\nDone.");
  expect(state.messages[1]?.parts[2]).toMatchObject({
    tool: { status: "completed", input: { path: "a.ts" }, summary: "3 lines", durationMs: 7 },
  });
  expect(state.status).toBe("idle");
});

test("an event that was already applied changes nothing", () => {
  const event = turnEvents();
  const delta = [event("connection_established", established()), event("text_delta", { text: "once" })];

  const state = play([...delta, ...delta.slice(1)]);

  expect(state.messages[0]?.content).toBe("once");
});

test("step_reset throws away what came since the last finished step, its file changes too", () => {
  const event = turnEvents();
  const change = { path: "a.ts", action: "created" as const, version: 1, additions: 1, deletions: 0, toolId: "t1" };

  const state = play([
    event("connection_established", established()),
    event("text_delta", { text: "kept" }),
    event("file_change", change),
    event("step_complete", { step: 1 }),
    event("text_delta", { text: " lost" }),
    event("tool_use_start", { toolId: "t2", toolName: "edit_file" }),
    event("file_change", { ...change, path: "b.ts" }),
    event("step_reset", { reason: "retry" }),
    event("text_delta", { text: " and more" }),
  ]);

  expect(state.messages[0]?.content).toBe("kept and more");
  expect(state.messages[0]?.parts).toHaveLength(1);
  expect(state.messages[0]?.fileChanges).toEqual([change]);
});

test("connection_established of a turn that is shown drops what there is of it", () => {
  const first = turnEvents();
  const before = play([first("connection_established", established()), first("text_delta", { text: "half" })]);
  const replay = turnEvents();

  const state = play(
    [replay("connection_established", established()), replay("text_delta", { text: "whole" })],
    before,
  );

  expect(state.messages.map((message) => message.content)).toEqual(["whole"]);
});

test("the replay of a running turn replaces its finished steps from the history", () => {
  const opened = reduce(EMPTY_CHAT, {
    type: "opened",
    session: storedSession({
      status: "running",
      messages: [stored(2, "Go"), stored(2, "step one", { id: "2.1", role: "assistant" })],
    }),
  });
  const event = turnEvents(2);

  const state = play(
    [event("connection_established", established(2)), event("text_delta", { text: "step one" })],
    opened,
  );

  expect(state.messages.map((message) => message.content)).toEqual(["Go", "step one"]);
});

test("nothing changes a turn after its terminal event", () => {
  const event = turnEvents();

  const state = play([
    event("connection_established", established()),
    event("tool_use_start", { toolId: "t1", toolName: "web_search" }),
    event("turn_cancelled", { turnId: 1, usage }),
    event("text_delta", { text: "late" }),
  ]);

  expect(state.status).toBe("cancelled");
  expect(state.messages[0]).toMatchObject({ status: "cancelled", content: "" });
  expect(state.messages[0]?.parts[0]).toMatchObject({ tool: { status: "cancelled" } });
});

test("types that are not known are ignored", () => {
  const event = turnEvents();
  const odd = { turn: 1, seq: 2, event: { type: "hologram", data: {}, timestamp: 1 } as never };

  const state = play([event("connection_established", established()), odd]);

  expect(state.messages[0]?.parts).toEqual([]);
  expect(state.status).toBe("running");
});

test("an interrupted turn is told apart from one that failed", () => {
  const event = turnEvents();

  const state = play([
    event("connection_established", established()),
    event("error", { code: "interrupted", message: "Gone", retryable: true }),
  ]);

  expect(state.status).toBe("interrupted");
});

test("messages that an event does not touch keep their identity", () => {
  const first = turnEvents(1);
  const one = play([first("connection_established", established(1, "m1")), first("message_complete", complete())]);
  const second = turnEvents(2);

  const two = play([second("connection_established", established(2, "m2")), second("text_delta", { text: "x" })], one);

  expect(two.messages[0]).toBe(one.messages[0]);
});

test("a stored session shows tools with their results, and one message per side and turn", () => {
  const change = {
    path: "a.ts",
    action: "created" as const,
    version: 1,
    additions: 2,
    deletions: 0,
    toolId: "t1",
  };
  const state = reduce(EMPTY_CHAT, {
    type: "opened",
    session: storedSession({
      messages: [
        stored(1, "Build"),
        {
          id: "h2",
          turnId: 1,
          role: "assistant",
          content: [
            { type: "text", text: "Working" },
            { type: "tool_use", toolId: "t1", toolName: "create_file", input: { path: "a.ts" } },
            { type: "tool_use", toolId: "t2", toolName: "read_file", input: { path: "b.ts" } },
          ],
          createdAt: 2,
        },
        {
          id: "h3",
          turnId: 1,
          role: "user",
          content: [
            {
              type: "tool_result",
              toolId: "t1",
              status: "completed",
              isError: false,
              content: "created",
              summary: "created",
              durationMs: 3,
            },
            {
              type: "tool_result",
              toolId: "t2",
              status: "failed",
              isError: true,
              content: "no such file",
              summary: "no such file",
              durationMs: 1,
            },
          ],
          createdAt: 3,
        },
        {
          id: "h4",
          turnId: 1,
          role: "assistant",
          content: [{ type: "text", text: "Done" }],
          createdAt: 4,
          turn: { status: "complete", usage, fileChanges: [change], startedAt: 1, endedAt: 4, undone: true },
        },
      ],
    }),
  });

  expect(state.messages.map((message) => message.role)).toEqual(["user", "assistant"]);
  expect(state.messages[1]?.parts).toMatchObject([
    { kind: "text", text: "Working" },
    { kind: "tool", tool: { status: "completed", summary: "created" } },
    { kind: "tool", tool: { status: "failed", error: "no such file" } },
    { kind: "text", text: "Done" },
  ]);
  expect(state.messages[1]).toMatchObject({
    status: "complete",
    fileChanges: [change],
    usage,
    startedAt: 1,
    endedAt: 4,
    undone: true,
  });
});

test("a message that never arrived gives way to its second try", () => {
  const sent = reduce(EMPTY_CHAT, { type: "sent", messageId: "m1", text: "Hi", at: 1 });
  const error = { code: "rate_limited", message: "Slow down", retryable: true, retryAt: 9 };
  const unsent = reduce(sent, { type: "unsent", messageId: "m1", error });

  const again = reduce(unsent, { type: "sent", messageId: "m1", text: "Hi", at: 2 });

  expect(unsent).toMatchObject({ status: "idle", error: { code: "rate_limited" } });
  expect(again.messages.map((message) => message.status)).toEqual(["sending"]);
  expect(again.error).toBeNull();
});

test("earlier messages are put in front, those that are shown stay as they are", () => {
  const message = (turnId: number) => stored(turnId, `turn ${turnId}`);
  const opened = reduce(EMPTY_CHAT, {
    type: "opened",
    session: storedSession({ messages: [message(3)], hasMore: true }),
  });

  const state = reduce(opened, {
    type: "earlier",
    session: storedSession({ messages: [message(1), message(2)], hasMore: false }),
  });

  expect(state.messages.map((shown) => shown.content)).toEqual(["turn 1", "turn 2", "turn 3"]);
  expect(state).toMatchObject({ oldestId: "h1", hasMore: false });
});

test("why an answer failed is kept in it when the conversation goes on", () => {
  const event = turnEvents();
  const failed = play([
    event("connection_established", established()),
    event("error", { code: "model_refused", message: "Claude declined to answer this.", retryable: false }),
  ]);

  const state = reduce(failed, { type: "sent", messageId: "m2", text: "Then this", at: 9 });

  expect(state.error).toBeNull();
  expect(state.messages[0]?.parts).toEqual([
    { kind: "notice", level: "error", text: "Claude declined to answer this." },
  ]);
});

test("what Claude writes into a call is shown until the call has ended", () => {
  const event = turnEvents();
  const tool = { toolId: "t1", toolName: "create_file" };
  const writing = play([
    event("connection_established", established()),
    event("tool_use_start", tool),
    event("tool_use_input", { toolId: "t1", path: "a.ts", delta: "const " }),
    event("tool_use_input", { toolId: "t1", delta: "a = 1" }),
    event("tool_use_input", { toolId: "unknown", delta: "lost" }),
  ]);
  expect(writing.messages[0]?.parts).toMatchObject([
    { tool: { status: "pending", writing: { path: "a.ts", text: "const a = 1" } } },
  ]);

  const reset = play([event("step_reset", { reason: "retry" })], writing);
  expect(reset.messages[0]?.parts).toEqual([]);

  const again = play(
    [
      event("tool_use_start", tool),
      event("tool_use_input", { toolId: "t1", path: "a.ts", delta: "b" }),
      event("tool_use_progress", { ...tool, status: "failed", data: { error: "No" } }),
    ],
    reset,
  );
  expect(again.messages[0]?.parts).toMatchObject([{ tool: { status: "failed", writing: undefined } }]);
});

test("that the model is tried again is said until it answers, and kept in the answer", () => {
  const event = turnEvents();
  const waiting = play([
    event("connection_established", established()),
    event("notice", { kind: "other", text: "Claude is overloaded. Trying again for up to 45 s." }),
  ]);
  expect(waiting).toMatchObject({ notice: "Claude is overloaded. Trying again for up to 45 s." });

  const answered = play([event("text_delta", { text: "Hi" })], waiting);

  expect(answered.notice).toBeNull();
  expect(answered.messages[0]?.parts.map((part) => part.kind)).toEqual(["notice", "text"]);
});

test("tokens and cost add up over a chat, and a turn that is replayed counts once", () => {
  const opened = reduce(EMPTY_CHAT, { type: "opened", session: storedSession() });
  const turn = () => {
    const event = turnEvents();
    return [event("connection_established", established()), event("message_complete", complete())];
  };

  const once = play(turn(), opened);
  const twice = play(turn(), once);

  expect(once.usage).toMatchObject({ inputTokens: 2 * usage.inputTokens, outputTokens: 2 * usage.outputTokens });
  expect(twice.usage).toEqual(once.usage);
});

test("what another window has replaced is not shown beside what it was replaced by", () => {
  const message = (turnId: number) => stored(turnId, `turn ${turnId}`);
  const opened = reduce(EMPTY_CHAT, {
    type: "opened",
    session: storedSession({ messages: [message(1), message(2)] }),
  });
  const event = turnEvents(3);
  const following = play([event("connection_established", established(3, "other"))], opened);

  const state = reduce(following, {
    type: "recalled",
    session: storedSession({ messages: [message(1), message(3)] }),
  });

  expect(state.messages.map((shown) => shown.content)).toEqual(["turn 1", "turn 3", ""]);
});

test("the pages that a text cites belong to it, each once, also in a stored session", () => {
  const event = turnEvents();
  const [one, two] = [
    { url: "https://a.example/", title: "A" },
    { url: "https://b.example/", title: "B" },
  ];

  const live = play([
    event("connection_established", established()),
    event("text_delta", { text: "So " }),
    event("sources", { sources: [one] }),
    event("text_delta", { text: "it is." }),
    event("sources", { sources: [one, two] }),
    event("message_complete", complete()),
  ]);
  const content = [{ type: "text" as const, text: "So it is.", sources: [one, two] }];
  const session = storedSession({ messages: [stored(1, "Hi"), stored(1, "", { role: "assistant", content })] });
  const opened = reduce(EMPTY_CHAT, { type: "opened", session });

  expect(live.messages[0]?.parts).toEqual([{ kind: "text", text: "So it is.", sources: [one, two] }]);
  expect(opened.messages[1]?.parts).toEqual(live.messages[0]?.parts);
});

test("a try that is taken back takes its sources with it", () => {
  const event = turnEvents();
  const sources = [{ url: "https://a.example/", title: "A" }];

  const state = play([
    event("connection_established", established()),
    event("text_delta", { text: "One." }),
    event("step_complete", { step: 1 }),
    event("text_delta", { text: " Two." }),
    event("sources", { sources }),
    event("step_reset", { reason: "failed" }),
  ]);

  expect(state.messages[0]?.parts).toEqual([{ kind: "text", text: "One." }]);
});
