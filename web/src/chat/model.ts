import type {
  ApprovalAnswer,
  Attachment,
  Check,
  FileChange,
  PendingApproval,
  Question,
  SessionStatus,
  Source,
  ToolStatus,
  Usage,
} from "../api/types";

/** Characters that a message may have, counted as the server counts them: in code points. */
export const MESSAGE_LIMIT = 10_000;

export interface ToolCall {
  id: string;
  name: string;
  status: ToolStatus;
  input?: unknown;
  /** What Claude is writing into the call, until the call has ended. */
  writing?: { path?: string; text: string };
  summary?: string;
  error?: string;
  /** Client clock, epoch milliseconds; absent for calls known from history. */
  startedAt?: number;
  durationMs?: number;
}

/** What Claude waits for in the middle of a turn: a yes or no to a call, answers, or a look at the preview. */
export type Request =
  | { kind: "approval"; id: string; toolId: string; toolName: string; summary: string; input: Record<string, unknown> }
  | { kind: "question"; id: string; questions: Question[] }
  | { kind: "preview"; id: string };

export type Part =
  | { kind: "text"; text: string; sources?: Source[] }
  | { kind: "thinking"; text: string; startedAt?: number; durationMs?: number }
  | { kind: "tool"; tool: ToolCall }
  | { kind: "request"; request: Request }
  | { kind: "notice"; level: "info" | "error"; text: string }
  | { kind: "check"; check: Check };

export type MessageStatus = "sending" | "unsent" | "streaming" | "waiting" | "complete" | "cancelled" | "error";

export interface ChatMessage {
  id: string;
  /** Absent until the server has accepted the message. */
  turnId?: number;
  role: "user" | "assistant";
  parts: Part[];
  /** The text parts joined. */
  content: string;
  /** Of a message of the vendor: what goes along with it, if anything does. */
  attachments?: readonly Attachment[];
  status: MessageStatus;
  createdAt: number;
  fileChanges: FileChange[];
  usage?: Usage;
  /** Of an answer: when its turn began and ended, server clock. */
  startedAt?: number;
  endedAt?: number;
  /** Of an answer: true where its changes had been undone when the chat was read. */
  undone?: boolean;
  /** Of a message that is not accepted yet: the earlier message in whose place it is sent. */
  replaces?: string;
}

/** The turn whose events are being read: how far, and what of it is final. */
export interface TurnCursor {
  turnId: number;
  seq: number;
  finalParts: Part[];
  finalFileChanges: FileChange[];
  ended: boolean;
}

export interface ChatError {
  code: string;
  message: string;
  retryable: boolean;
  /** When to try again, client clock; absent where waiting does not help. */
  retryAt?: number;
  /** Under which a fault of the server is found in its log. */
  reference?: string;
}

export interface ChatState {
  sessionId: string | null;
  title: string;
  model: string | null;
  status: SessionStatus;
  messages: ChatMessage[];
  turn: TurnCursor | null;
  /** The stored message before which more can be read. */
  oldestId: string | null;
  hasMore: boolean;
  error: ChatError | null;
  /** What the vendor is told while nothing else happens, such as a wait for the model. */
  notice: string | null;
  /** Tokens and cost of the whole chat so far. */
  usage: Usage | null;
  /** What was answered to requests of Claude, by their ids, here or elsewhere. */
  answers: Readonly<Record<string, ApprovalAnswer>>;
  /** What a message that is on its way replaces; it comes back if that message is refused. */
  replaced: ChatMessage[];
}

export const EMPTY_CHAT: ChatState = {
  sessionId: null,
  title: "",
  model: null,
  status: "idle",
  messages: [],
  turn: null,
  oldestId: null,
  hasMore: false,
  error: null,
  notice: null,
  usage: null,
  answers: {},
  replaced: [],
};

/** What Claude waits for at present, in the order in which it asked. */
export function openRequests({ status, messages, answers }: ChatState): Request[] {
  if (status !== "waiting") return [];
  const waiting = messages.findLast((message) => message.status === "waiting");
  return (waiting?.parts ?? []).flatMap((part) =>
    part.kind === "request" && !answers[part.request.id] ? [part.request] : [],
  );
}

/** True while the turn goes on by itself: it runs, or waits for nothing but a look at the preview. */
export function isAtWork(state: ChatState): boolean {
  if (state.status !== "waiting") return state.status === "running";
  const open = openRequests(state);
  return open.length > 0 && open.every(({ kind }) => kind === "preview");
}

type Asked = Pick<PendingApproval, "approvalId" | "toolId" | "toolName" | "summary" | "input">;

/** A stored request as it was asked. */
export function requestOf({ approvalId: id, toolId, toolName, summary, input }: Asked): Request {
  if (toolName === "look_at_preview") return { kind: "preview", id };
  if (toolName !== "ask_user") return { kind: "approval", id, toolId, toolName, summary, input };
  return { kind: "question", id, questions: (input as { questions?: Question[] }).questions ?? [] };
}

export function isSettled(status: ToolStatus): boolean {
  return status !== "pending" && status !== "running";
}

/** `a` and `sign` times `b`. */
export function addUsage(a: Usage | null, b: Usage, sign: 1 | -1 = 1): Usage {
  return {
    inputTokens: (a?.inputTokens ?? 0) + sign * b.inputTokens,
    outputTokens: (a?.outputTokens ?? 0) + sign * b.outputTokens,
    cacheReadTokens: (a?.cacheReadTokens ?? 0) + sign * b.cacheReadTokens,
    cacheWriteTokens: (a?.cacheWriteTokens ?? 0) + sign * b.cacheWriteTokens,
    costUsd: (a?.costUsd ?? 0) + sign * b.costUsd,
  };
}

/** The part with these pages among those that it cites, each once. */
export function citing(part: Part | undefined, sources: Source[]): Part | undefined {
  if (part?.kind !== "text") return part;
  const byUrl = new Map([...(part.sources ?? []), ...sources].map((source) => [source.url, source]));
  return { ...part, sources: [...byUrl.values()] };
}

export function textOf(parts: Part[]): string {
  return parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n");
}
