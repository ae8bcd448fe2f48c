/** What the events of a turn make of the chat. Pure; many events at once cost little more than one. */
import { referenceOf } from "../api/errors";
import { type LoggedEvent, type StreamEvent, TERMINAL_TYPES } from "../api/types";
import { applyToAnswer, ended } from "./answer";
import { assistantId } from "./history";
import { addUsage, type ChatMessage, type ChatState, textOf } from "./model";

/** The chat after these events; those that it has seen already change nothing. */
export function applyEvents(state: ChatState, arrived: readonly LoggedEvent[], at: number): ChatState {
  let next = state;
  let fresh: StreamEvent[] = [];
  for (const { turn, seq, event } of arrived) {
    if (event.type === "connection_established") {
      next = begin(applyToTurn(next, fresh, at), turn, seq, event);
      fresh = [];
      continue;
    }
    const cursor = next.turn;
    if (!cursor || cursor.turnId !== turn || seq <= cursor.seq || cursor.ended) continue;
    next = { ...next, turn: { ...cursor, seq, ended: TERMINAL_TYPES.has(event.type) } };
    fresh.push(event);
  }
  return applyToTurn(next, fresh, at);
}

function applyToTurn(state: ChatState, events: StreamEvent[], at: number): ChatState {
  if (events.length === 0 || !state.turn) return state;
  const turn = { ...state.turn };
  const id = assistantId(turn.turnId);
  const index = state.messages.findLastIndex((message) => message.id === id);
  const before = state.messages[index];
  let answer = before;
  let next: ChatState = { ...state, turn };
  for (const event of joinDeltas(events)) {
    // What comes after a wait is of a turn that goes on.
    if (next.status === "waiting") next = { ...next, status: "running" };
    next = applyToChat(next, event, at);
    if (!answer) continue;
    if (answer.status === "waiting") answer = { ...answer, status: "streaming" };
    answer = applyToAnswer(answer, event, turn, at);
    // A check stands between two steps: the one after it may be tried again without it.
    if (event.type === "step_complete" || event.type === "check_finished") {
      turn.finalParts = answer.parts;
      turn.finalFileChanges = answer.fileChanges;
    }
  }
  if (!answer || answer === before) return next;
  return { ...next, messages: state.messages.with(index, { ...answer, content: textOf(answer.parts) }) };
}

/** Deltas of the same kind that follow one another, as one. */
function joinDeltas(events: StreamEvent[]): StreamEvent[] {
  const joined: StreamEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (
      (event.type === "text_delta" && last?.type === "text_delta") ||
      (event.type === "thinking_delta" && last?.type === "thinking_delta")
    ) {
      joined[joined.length - 1] = { ...event, data: { text: last.data.text + event.data.text } };
    } else joined.push(event);
  }
  return joined;
}

/** What an event changes beside the answer. */
function applyToChat(state: ChatState, event: StreamEvent, at: number): ChatState {
  switch (event.type) {
    case "session_title":
      return { ...state, title: event.data.title };
    case "notice":
      return { ...state, notice: event.data.text };
    case "turn_waiting":
      return { ...state, status: "waiting", notice: null };
    case "request_answered":
      return { ...state, answers: { ...state.answers, [event.data.approvalId]: event.data } };
    case "message_complete":
      return { ...state, status: "idle", notice: null, usage: addUsage(state.usage, event.data.usage) };
    case "turn_cancelled":
      return { ...state, status: "cancelled", notice: null, usage: addUsage(state.usage, event.data.usage) };
    case "error": {
      const { code, message, retryable, retryAfterMs } = event.data;
      const status = code === "interrupted" ? "interrupted" : "error";
      const retryAt = retryAfterMs ? at + retryAfterMs : undefined;
      const reference = referenceOf(code, "requestId" in event.data && event.data.requestId);
      return { ...state, status, notice: null, error: { code, message, retryable, retryAt, reference } };
    }
    case "text_delta":
    case "thinking_delta":
    case "tool_use_start":
      return state.notice === null ? state : { ...state, notice: null };
    default:
      return state;
  }
}

/** The start of a turn, or its replay: whatever was shown of its answer is dropped. */
function begin(
  state: ChatState,
  turn: number,
  seq: number,
  { data, timestamp }: Extract<StreamEvent, { type: "connection_established" }>,
): ChatState {
  const answer: ChatMessage = {
    id: assistantId(turn),
    turnId: turn,
    role: "assistant",
    parts: [],
    content: "",
    status: "streaming",
    createdAt: timestamp,
    startedAt: timestamp,
    fileChanges: [],
  };
  const dropped = state.messages.find((message) => message.id === answer.id);
  const messages = state.messages
    .filter((message) => message.id !== answer.id)
    .map((message): ChatMessage => {
      // A turn that waited ends with the next one.
      if (message.status === "waiting") return ended(message, "cancelled", timestamp);
      return message.role === "user" && (message.id === data.messageId || message.turnId === turn)
        ? { ...message, turnId: turn, status: "complete", replaces: undefined }
        : message;
    });
  // A replay of an earlier turn goes back to where that turn stood.
  const place = messages.findIndex((message) => (message.turnId ?? Infinity) > turn);
  messages.splice(place === -1 ? messages.length : place, 0, answer);
  return {
    ...state,
    sessionId: data.sessionId,
    model: data.model,
    status: "running",
    error: messages.some((message) => message.status === "unsent") ? state.error : null,
    notice: null,
    usage: dropped?.usage ? addUsage(state.usage, dropped.usage, -1) : state.usage,
    replaced: [],
    messages,
    turn: { turnId: turn, seq, finalParts: [], finalFileChanges: [], ended: false },
  };
}
