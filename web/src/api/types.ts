/** Shapes of the API contract: REST answers and stream events. */

export interface App {
  appId: string;
  name: string;
  createdAt: number;
  updatedAt: number;
}

export interface FileEntry {
  path: string;
  version: number;
  size: number;
  updatedAt: number;
}

export interface FileWithContent extends FileEntry {
  content: string;
}

export type SessionStatus = "idle" | "running" | "cancelled" | "interrupted" | "error";

export interface SessionSummary {
  sessionId: string;
  title: string;
  status: SessionStatus;
  createdAt: number;
  updatedAt: number;
}

export type ContentPart =
  | { type: "text"; text: string }
  | { type: "thinking"; text: string }
  | { type: "tool_use"; toolId: string; toolName: string; input: unknown }
  | { type: "tool_result"; toolId: string; isError: boolean; content: unknown }
  | { type: "notice"; text: string };

export interface HistoryMessage {
  id: string;
  turnId: number;
  role: "user" | "assistant";
  content: ContentPart[];
  createdAt: number;
}

export interface FileModification extends FileChange {
  turnId: number;
  timestamp: number;
}

export interface Session {
  sessionId: string;
  appId: string;
  title: string;
  status: SessionStatus;
  messages: HistoryMessage[];
  fileModifications: FileModification[];
  metadata?: { model?: string; usage?: Usage };
  hasMore?: boolean;
}

export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
  costUsd?: number;
}

export type FileAction = "created" | "edited" | "deleted" | "renamed";

export interface FileChange {
  path: string;
  action: FileAction;
  version: number;
  previousPath?: string;
  /** Absent where the change is known from history only. */
  additions?: number;
  deletions?: number;
  toolId: string;
}

/** All that one turn, or one save, has changed. */
export interface Checkpoint {
  revision: number;
  baseRevision: number;
  turnId?: number;
  sessionId?: string;
  author: "ai" | "vendor";
  message: string;
  createdAt: number;
  changes: { path: string; previousPath?: string; action: FileAction; additions: number; deletions: number }[];
}

/** One file between two revisions, as a unified diff. */
export interface FileDiff {
  path: string;
  action: FileAction;
  diff: string;
}

export type ToolStatus = "pending" | "running" | "completed" | "failed" | "timed_out" | "cancelled";

interface EventData {
  connection_established: {
    sessionId: string;
    appId: string;
    turnId: number;
    messageId: string;
    model: string;
  };
  text_delta: { text: string };
  thinking_delta: { text: string };
  tool_use_start: { toolId: string; toolName: string };
  tool_use_progress: {
    toolId: string;
    toolName: string;
    status: Exclude<ToolStatus, "pending">;
    data?: { input?: unknown; summary?: string; error?: unknown; durationMs?: number };
  };
  file_change: FileChange;
  tool_use_complete: {
    toolResults: {
      toolId: string;
      toolName: string;
      status: ToolStatus;
      isError: boolean;
      summary?: string;
      durationMs?: number;
    }[];
  };
  step_complete: { step: number };
  step_reset: { reason: string };
  turn_handover: { reason: string };
  notice: { kind: string; text: string };
  session_title: { title: string };
  message_complete: {
    turnId: number;
    stopReason: string;
    usage: Usage;
    fileChanges?: FileChange[];
  };
  turn_cancelled: { turnId: number; usage?: Usage };
  error: { message: string; code: string; retryable: boolean; retryAfterMs?: number };
}

export type StreamEvent = {
  [T in keyof EventData]: { type: T; data: EventData[T]; timestamp: number };
}[keyof EventData];

/** An event with its place in the log: the `seq`-th of its turn. */
export interface LoggedEvent {
  turn: number;
  seq: number;
  event: StreamEvent;
}

export const TERMINAL_TYPES: ReadonlySet<string> = new Set(["message_complete", "turn_cancelled", "error"]);
