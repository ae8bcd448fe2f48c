import type { LoggedEvent, Session, StreamEvent } from "../api/types";
import { applyToAnswer, ended, withParts } from "./answer";
import { assistantId, foldHistory } from "./history";
import { type ChatError, type ChatMessage, type ChatState, EMPTY_CHAT } from "./model";

export type ChatAction =
  | { type: "opened"; session: Session }
  | { type: "cleared" }
  | { type: "sent"; messageId: string; text: string; at: number }
  | { type: "unsent"; messageId: string; error: ChatError }
  | { type: "failed"; error: ChatError }
  /** The running turn cannot be followed any further. */
  | { type: "lost"; error: ChatError; at: number }
  /** The running turn was broken off; what was shown of it stays until it is taken up again. */
  | { type: "interrupted"; at: number }
  | { type: "error_dismissed" }
  | { type: "earlier"; session: Session }
  /** Part of the stored session, for what of it is not shown yet. */
  | { type: "recalled"; session: Session }
  | { type: "event"; logged: LoggedEvent; at: number };

/** The next state of the chat. Pure; messages that did not change keep their identity. */
export function reduce(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "opened":
      return opened(state, action.session);
    case "cleared":
      return EMPTY_CHAT;
    case "sent":
      return sent(state, action.messageId, action.text, action.at);
    case "unsent":
      return {
        ...state,
        status: state.turn && !state.turn.ended ? "running" : "idle",
        messages: patch(state.messages, action.messageId, { status: "unsent" }),
        error: action.error,
      };
    case "failed":
      return { ...state, error: action.error };
    case "lost":
      return { ...brokenOff(state, action.at), status: "error", error: action.error };
    case "interrupted":
      return { ...brokenOff(state, action.at), status: "interrupted" };
    case "error_dismissed":
      return { ...state, error: null };
    case "earlier":
      return {
        ...recalled(state, action.session),
        oldestId: action.session.messages[0]?.id ?? state.oldestId,
        hasMore: (action.session.hasMore ?? false) && action.session.messages.length > 0,
      };
    case "recalled":
      return recalled(state, action.session);
    case "event":
      return applyEvent(state, action.logged, action.at);
  }
}

function opened(state: ChatState, session: Session): ChatState {
  // What could not be sent is stored nowhere else.
  const unsent = state.sessionId === session.sessionId ? state.messages.filter(isUnsent) : [];
  return {
    ...EMPTY_CHAT,
    sessionId: session.sessionId,
    title: session.title,
    model: session.metadata?.model ?? null,
    status: session.status,
    messages: [...foldHistory(session), ...unsent],
    error: unsent.length > 0 ? state.error : null,
    oldestId: session.messages[0]?.id ?? null,
    hasMore: session.hasMore ?? false,
  };
}

function isUnsent(message: ChatMessage): boolean {
  return message.status === "unsent";
}

function sent(state: ChatState, messageId: string, text: string, at: number): ChatState {
  const message: ChatMessage = {
    id: messageId,
    role: "user",
    parts: [{ kind: "text", text }],
    content: text,
    status: "sending",
    createdAt: at,
    fileChanges: [],
  };
  // A message that never arrived gives way to the next one, or to its own second try.
  const kept = state.messages.filter((other) => !isUnsent(other)).map((other) => withReason(other, state));
  return { ...state, status: "running", error: null, messages: [...kept, message] };
}

/** Why an answer failed is said beside the message box until the next message; from then on in the answer. */
function withReason(message: ChatMessage, { error, turn }: ChatState): ChatMessage {
  if (!error || message.status !== "error" || message.turnId !== turn?.turnId) return message;
  if (message.parts.at(-1)?.kind === "notice") return message;
  return withParts(message, [...message.parts, { kind: "notice", level: "error", text: error.message }]);
}

/** With the stored messages that are not shown yet, each in its place. */
function recalled(state: ChatState, page: Session): ChatState {
  const known = new Set(state.messages.map((message) => `${message.role}-${message.turnId}`));
  const found = foldHistory({ ...page, status: "idle" }).filter(
    (message) => !known.has(`${message.role}-${message.turnId}`),
  );
  const place = (message: ChatMessage) => (message.turnId ?? Infinity) * 2 + (message.role === "user" ? 0 : 1);
  const messages = [...found, ...state.messages].sort((a, b) => place(a) - place(b) || 0);
  return { ...state, messages };
}

function brokenOff(state: ChatState, at: number): ChatState {
  const messages = state.messages.map((message) =>
    message.status === "streaming" ? ended(message, "error", at) : message,
  );
  return { ...state, messages, turn: null };
}

function applyEvent(state: ChatState, { turn, seq, event }: LoggedEvent, at: number): ChatState {
  if (event.type === "connection_established") return begin(state, turn, seq, event.data, at);
  const cursor = state.turn;
  if (!cursor || cursor.turnId !== turn || seq <= cursor.seq || cursor.ended) return state;

  const next: ChatState = { ...state, turn: { ...cursor, seq } };
  if (event.type === "session_title") return { ...next, title: event.data.title };
  const id = assistantId(turn);
  const messages = state.messages.map((message) =>
    message.id === id ? applyToAnswer(message, event, cursor, at) : message,
  );
  next.messages = messages;

  if (event.type === "step_complete") {
    const answer = messages.find((message) => message.id === id);
    if (answer && next.turn) {
      next.turn.finalParts = answer.parts;
      next.turn.finalFileChanges = answer.fileChanges;
    }
  }
  const status = TERMINAL_STATUS[event.type];
  if (status && next.turn) {
    next.turn.ended = true;
    next.status = status;
    if (event.type === "error") {
      const { code, message, retryable, retryAfterMs } = event.data;
      if (code === "interrupted") next.status = "interrupted";
      next.error = { code, message, retryable, retryAt: retryAfterMs ? at + retryAfterMs : undefined };
    }
  }
  return next;
}

const TERMINAL_STATUS: Partial<Record<string, ChatState["status"]>> = {
  message_complete: "idle",
  turn_cancelled: "cancelled",
  error: "error",
};

/** The start of a turn, or its replay: whatever was shown of its answer is dropped. */
function begin(
  state: ChatState,
  turn: number,
  seq: number,
  data: Extract<StreamEvent, { type: "connection_established" }>["data"],
  at: number,
): ChatState {
  const answer: ChatMessage = {
    id: assistantId(turn),
    turnId: turn,
    role: "assistant",
    parts: [],
    content: "",
    status: "streaming",
    createdAt: at,
    fileChanges: [],
  };
  const messages = state.messages
    .filter((message) => message.id !== answer.id)
    .map(
      (message): ChatMessage =>
        message.role === "user" && (message.id === data.messageId || message.turnId === turn)
          ? { ...message, turnId: turn, status: "complete" }
          : message,
    );
  // A replay of an earlier turn goes back to where that turn stood.
  const place = messages.findIndex((message) => (message.turnId ?? Infinity) > turn);
  messages.splice(place === -1 ? messages.length : place, 0, answer);
  return {
    ...state,
    sessionId: data.sessionId,
    model: data.model,
    status: "running",
    error: messages.some(isUnsent) ? state.error : null,
    messages,
    turn: { turnId: turn, seq, finalParts: [], finalFileChanges: [], ended: false },
  };
}

function patch(messages: ChatMessage[], id: string, change: Partial<ChatMessage>): ChatMessage[] {
  return messages.map((message) => (message.id === id ? { ...message, ...change } : message));
}
