import type { ApprovalAnswer, Attachment, LoggedEvent, Session } from "../api/types";
import { ended } from "./answer";
import { answersIn, foldHistory } from "./history";
import { type ChatError, type ChatMessage, type ChatState, EMPTY_CHAT, textOf } from "./model";
import { applyEvents } from "./turnEvents";

export type ChatAction =
  | { type: "opened"; session: Session }
  | { type: "cleared" }
  | { type: "titled"; title: string }
  /** A message is on its way; with `replaces`, in place of that one and all that followed it. */
  | {
      type: "sent";
      messageId: string;
      text: string;
      attachments?: readonly Attachment[];
      at: number;
      replaces?: string;
    }
  | { type: "unsent"; messageId: string; error: ChatError }
  /** A message that is not sent leaves the conversation, for the message box or the queue. */
  | { type: "taken_back"; messageId: string }
  | { type: "failed"; error: ChatError }
  /** The running turn cannot be followed any further. */
  | { type: "lost"; error: ChatError; at: number }
  /** The running turn was broken off; what was shown of it stays until it is taken up again. */
  | { type: "interrupted"; at: number }
  | { type: "answered"; requestId: string; answer: ApprovalAnswer }
  /** The turn that waited goes on. */
  | { type: "resumed" }
  | { type: "error_dismissed" }
  | { type: "earlier"; session: Session }
  /** The latest of the stored session, for what of it is not shown yet. */
  | { type: "recalled"; session: Session }
  | { type: "events"; events: readonly LoggedEvent[]; at: number };

/** The next state of the chat. Pure; messages that did not change keep their identity. */
export function reduce(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "opened":
      return opened(state, action.session);
    case "cleared":
      return EMPTY_CHAT;
    case "titled":
      return { ...state, title: action.title };
    case "sent":
      return sent(state, action);
    case "unsent":
      return unsent(state, action.messageId, action.error);
    case "taken_back":
      return { ...state, messages: state.messages.filter((message) => message.id !== action.messageId) };
    case "failed":
      return { ...state, error: action.error };
    case "lost":
      return { ...brokenOff(state, action.at), status: "error", error: action.error };
    case "interrupted":
      return { ...brokenOff(state, action.at), status: "interrupted" };
    case "answered":
      return { ...state, answers: { ...state.answers, [action.requestId]: action.answer } };
    case "resumed":
      return {
        ...state,
        status: "running",
        messages: state.messages.map((message) =>
          message.status === "waiting" ? { ...message, status: "streaming" } : message,
        ),
      };
    case "error_dismissed":
      return { ...state, error: null };
    case "earlier":
      return {
        ...withStored(state, state.messages, action.session),
        oldestId: action.session.messages[0]?.id ?? state.oldestId,
        hasMore: action.session.hasMore && action.session.messages.length > 0,
      };
    case "recalled":
      return withStored(state, ofBranch(state, action.session), action.session);
    case "events":
      return applyEvents(state, action.events, action.at);
  }
}

function opened(state: ChatState, session: Session): ChatState {
  // What could not be sent is stored nowhere else.
  const isSame = state.sessionId === session.sessionId;
  const kept = isSame ? state.messages.filter(isUnsent) : [];
  return {
    ...EMPTY_CHAT,
    sessionId: session.sessionId,
    title: session.title,
    model: session.metadata.model,
    status: session.status,
    messages: [...foldHistory(session), ...kept],
    error: kept.length > 0 ? state.error : null,
    oldestId: session.messages[0]?.id ?? null,
    hasMore: session.hasMore,
    usage: session.metadata.usage,
    answers: { ...(isSame ? state.answers : {}), ...answersIn(session) },
  };
}

function isUnsent(message: ChatMessage): boolean {
  return message.status === "unsent";
}

function sent(state: ChatState, action: Extract<ChatAction, { type: "sent" }>): ChatState {
  const { messageId, text, attachments, at, replaces } = action;
  const message: ChatMessage = {
    id: messageId,
    role: "user",
    parts: [{ kind: "text", text }],
    content: text,
    attachments,
    status: "sending",
    createdAt: at,
    fileChanges: [],
    replaces,
  };
  // A message that never arrived gives way to its own second try.
  const others = state.messages.filter((other) => other.id !== messageId).map((other) => withReason(other, state));
  const from = replaces === undefined ? -1 : others.findIndex((other) => other.id === replaces);
  const before = from === -1 ? others : others.slice(0, from);
  // What could not be sent stays last, since nobody knows yet when it was said.
  const messages = [...before.filter((other) => !isUnsent(other)), message, ...others.filter(isUnsent)];
  const replaced = from === -1 ? [] : others.slice(from).filter((other) => !isUnsent(other));
  return { ...state, status: "running", error: null, notice: null, messages, replaced };
}

function unsent(state: ChatState, messageId: string, error: ChatError): ChatState {
  const messages = state.messages.flatMap((message): ChatMessage[] =>
    message.id === messageId ? [...state.replaced, { ...message, status: "unsent" }] : [message],
  );
  const waits = messages.some((message) => message.status === "waiting");
  const status = waits ? "waiting" : state.turn && !state.turn.ended ? "running" : "idle";
  return { ...state, status, messages, replaced: [], error };
}

/** Why an answer failed is said beside the message box until the next message; from then on in the answer. */
function withReason(message: ChatMessage, { error, turn }: ChatState): ChatMessage {
  if (!error || message.status !== "error" || message.turnId !== turn?.turnId) return message;
  if (message.parts.at(-1)?.kind === "notice") return message;
  const parts = [...message.parts, { kind: "notice", level: "error", text: error.message } as const];
  return { ...message, parts, content: textOf(parts) };
}

/** The messages that are shown, without those that another window has replaced meanwhile. */
function ofBranch({ messages }: ChatState, latest: Session): ChatMessage[] {
  const stored = new Set(latest.messages.map((message) => message.turnId));
  const [oldest, newest] = [Math.min(...stored), Math.max(...stored)];
  return messages.filter(
    ({ turnId }) => turnId === undefined || turnId < oldest || turnId > newest || stored.has(turnId),
  );
}

/** With the stored messages that are not shown yet, each in its place. */
function withStored(state: ChatState, shown: ChatMessage[], page: Session): ChatState {
  const known = new Set(shown.map((message) => `${message.role}-${message.turnId}`));
  const found = foldHistory({ ...page, status: "idle" }).filter(
    (message) => !known.has(`${message.role}-${message.turnId}`),
  );
  const place = (message: ChatMessage) => (message.turnId ?? Infinity) * 2 + (message.role === "user" ? 0 : 1);
  const messages = [...found, ...shown].sort((a, b) => place(a) - place(b) || 0);
  return { ...state, messages, answers: { ...state.answers, ...answersIn(page) } };
}

function brokenOff(state: ChatState, at: number): ChatState {
  const messages = state.messages.map((message) =>
    message.status === "streaming" ? ended(message, "error", at) : message,
  );
  return { ...state, messages, turn: null, notice: null };
}
