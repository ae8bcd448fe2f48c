/** A reload tells the same story: a stored turn is shown as it was while it ran. */
import { expect, test } from "vitest";
import type { FileChange, HistoryMessage, LoggedEvent, SessionStatus } from "../src/api/types";
import type { ChatMessage } from "../src/chat/model";
import { EMPTY_CHAT } from "../src/chat/model";
import { reduce } from "../src/chat/reducer";
import { established, play, storedSession, turnEvents, usage } from "./events";

/** Numbers that look random and are the same in every run. */
function numbers(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** One turn, as the server streams it and as it stores it. */
function turn(seed: number): { events: LoggedEvent[]; messages: HistoryMessage[]; status: SessionStatus } {
  const pick = numbers(seed);
  const event = turnEvents();
  const events = [event("connection_established", established())];
  const messages: HistoryMessage[] = [
    { id: "m1", turnId: 1, role: "user", content: [{ type: "text", text: "Go" }], createdAt: 1 },
  ];
  const store = (role: "user" | "assistant", content: HistoryMessage["content"]) =>
    messages.push({ id: `1.${messages.length}`, turnId: 1, role, content, createdAt: messages.length });
  const changes: FileChange[] = [];
  const words = (kind: "text_delta" | "thinking_delta") => {
    const deltas = Array.from({ length: 1 + pick(3) }, () => `word${pick(100)} `);
    events.push(...deltas.map((text) => event(kind, { text })));
    return deltas.join("");
  };

  for (let step = 1; step <= 1 + pick(3); step += 1) {
    if (pick(4) === 0) {
      words("text_delta");
      events.push(event("step_reset", { reason: "retry" }));
    }
    const content: HistoryMessage["content"] = [];
    if (pick(2)) content.push({ type: "thinking", text: words("thinking_delta") });
    if (pick(2)) content.push({ type: "text", text: words("text_delta") });
    const results: HistoryMessage["content"] = [];
    const calls = Array.from({ length: pick(4) }, (_, index) => ({
      toolId: `t${step}.${index}`,
      toolName: pick(2) ? "create_file" : "read_file",
      input: { path: `src/${pick(3)}.ts` },
      status: (["completed", "completed", "failed", "timed_out", "cancelled"] as const)[pick(5)] ?? "completed",
      summary: `summary ${pick(100)}`,
      durationMs: 1 + pick(5000),
    }));
    for (const { toolId, toolName, input } of calls) {
      content.push({ type: "tool_use", toolId, toolName, input });
      events.push(event("tool_use_start", { toolId, toolName }));
      events.push(event("tool_use_input", { toolId, path: input.path, delta: "text" }));
    }
    for (const { toolId, toolName, input } of calls) {
      events.push(event("tool_use_progress", { toolId, toolName, status: "running", data: { input } }));
    }
    for (const { toolId, toolName, input, status, summary, durationMs } of calls) {
      const isError = status !== "completed";
      if (toolName === "create_file" && !isError) {
        const change: FileChange = {
          path: input.path,
          action: "edited",
          version: 1,
          additions: 3,
          deletions: 1,
          toolId,
        };
        changes.push(change);
        events.push(event("file_change", { additions: 0, deletions: 0, ...change }));
      }
      const data = { summary, durationMs, ...(isError ? { error: summary } : {}) };
      events.push(event("tool_use_progress", { toolId, toolName, status, data }));
      results.push({ type: "tool_result", toolId, status, isError, content: `all of ${summary}`, summary, durationMs });
    }
    if (content.length > 0) store("assistant", content);
    if (results.length > 0) store("user", results);
    events.push(event("step_complete", { step }));
  }
  const isCut = pick(3) === 0;
  if (isCut) {
    // Stopped while a call was being written: it is never run.
    const call = { toolId: "cut", toolName: "create_file" };
    events.push(event("tool_use_start", call));
    store("assistant", [
      { type: "tool_use", ...call, input: {} },
      {
        type: "tool_result",
        toolId: call.toolId,
        status: "cancelled",
        isError: true,
        content: "Not run",
        summary: "Not run",
        durationMs: 0,
      },
    ]);
  }
  if (pick(3) === 0) {
    events.push(event("notice", { kind: "compacted", text: "This conversation has become long." }));
    store("assistant", [{ type: "notice", text: "This conversation has become long." }]);
  }
  const status = (["idle", "cancelled"] as const)[isCut ? 1 : pick(2)] ?? "idle";
  const fileChanges = changes.map((change) => ({ additions: 0, deletions: 0, ...change }));
  if (status === "idle") {
    events.push(event("message_complete", { turnId: 1, stopReason: "end_turn", usage, fileChanges }));
  } else {
    events.push(event("turn_cancelled", { turnId: 1, usage }));
    store("assistant", [{ type: "notice", text: "This answer was stopped." }]);
  }
  const [first, last] = [events[0]?.event.timestamp ?? 0, events.at(-1)?.event.timestamp ?? 0];
  const stored = messages.at(-1);
  const ended = status === "idle" ? "complete" : status;
  if (stored) stored.turn = { status: ended, usage, fileChanges, startedAt: first, endedAt: last, undone: false };
  return { events, messages, status };
}

/** What a reader sees of a message; how long Claude thought is not stored. */
function shown(message: ChatMessage | undefined) {
  if (!message) return null;
  const { role, content, status, fileChanges, usage, startedAt, endedAt } = message;
  const parts = message.parts.map((part) => {
    if (part.kind === "thinking") return { kind: part.kind, text: part.text };
    if (part.kind !== "tool") return part;
    const { id, name, input, summary, error, durationMs } = part.tool;
    // What a call that was never run was to be given is not shown.
    const given = part.tool.status === "cancelled" && durationMs === undefined ? undefined : input;
    return { id, name, status: part.tool.status, input: given, summary, error, durationMs };
  });
  return { role, content, status, fileChanges, usage, startedAt, endedAt, parts };
}

test("a stored turn is shown as it was while it ran", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const { events, messages, status } = turn(seed);
    const sent = reduce(EMPTY_CHAT, { type: "sent", messageId: "m1", text: "Go", at: 1 });

    const live = play(events, sent);
    const stored = reduce(EMPTY_CHAT, { type: "opened", session: storedSession({ messages, status }) });

    expect(stored.messages.map(shown), `turn ${seed}`).toEqual(live.messages.map(shown));
    expect(stored.status).toBe(live.status);
  }
});

test("events are shown alike whether they come one by one or all at once", () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const { events } = turn(seed);
    const together = play(events);
    const apart = events.reduce((state, logged) => play([logged], state), EMPTY_CHAT);

    expect(apart, `turn ${seed}`).toEqual(together);
  }
});
