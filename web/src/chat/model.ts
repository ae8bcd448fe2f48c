import type { FileChange, SessionStatus, ToolStatus, Usage } from "../api/types";

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

export type Part =
  | { kind: "text"; text: string }
  | { kind: "thinking"; text: string; startedAt?: number; durationMs?: number }
  | { kind: "tool"; tool: ToolCall }
  | { kind: "notice"; level: "info" | "error"; text: string };

export type MessageStatus = "sending" | "unsent" | "streaming" | "complete" | "cancelled" | "error";

export interface ChatMessage {
  id: string;
  /** Absent until the server has accepted the message. */
  turnId?: number;
  role: "user" | "assistant";
  parts: Part[];
  /** The text parts joined. */
  content: string;
  status: MessageStatus;
  createdAt: number;
  fileChanges: FileChange[];
  usage?: Usage;
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
};

export function isSettled(status: ToolStatus): boolean {
  return status !== "pending" && status !== "running";
}

export function textOf(parts: Part[]): string {
  return parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n");
}
