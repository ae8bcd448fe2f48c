import type { FileChange, LoggedEvent } from "../api/types";
import { assistantId } from "./history";
import {
  type ChatError,
  type ChatMessage,
  type ChatState,
  isAtWork,
  isSettled,
  openRequests,
  type ToolCall,
} from "./model";

/** What Claude is writing into a file at this moment. */
export interface Writing {
  toolId: string;
  toolName: string;
  /** Absent until Claude has named it. */
  path?: string;
  text: string;
  /** Nothing more comes: the call has ended, or its step is thrown away. */
  done: boolean;
}

/** The running app, which Claude can ask to see. */
export interface ShownPreview {
  /** True where the app has painted something. */
  isOpen(): boolean;
  /** How the app looks with the latest files, and the last lines of its console; null where it does not run. */
  photograph(): Promise<{ picture: Blob; console: string[] } | null>;
}

export interface ChatCallbacks {
  /** Shown to Claude when it asks; absent where the chat stands alone. */
  preview?: ShownPreview;
  /** Called before a message is sent; what it throws is said, and the message is not sent. */
  beforeSend?(): Promise<void>;
  /** A message could not be sent; true where it has found a place outside of the conversation. */
  onUnsent?(message: ChatMessage): boolean;
  onTurnStart?(turn: { sessionId: string; turnId: number }): void;
  /** A turn waits for the vendor; when it goes on, that is told as its start. */
  onTurnWaiting?(turn: { sessionId: string; turnId: number; what: string }): void;
  onTurnEnd?(turn: { sessionId: string; turnId: number; status: ChatMessage["status"] }): void;
  /** A turn has ended; the message may be complete, cancelled or in error. */
  onMessage?(message: ChatMessage): void;
  onToolUse?(tool: ToolCall): void;
  onFileChange?(change: FileChange): void;
  onWriting?(writing: Writing): void;
  onError?(error: ChatError): void;
}

/** Tells whoever listens of an event that `state` holds already. */
export function tell(callbacks: ChatCallbacks, state: ChatState, { turn, event }: LoggedEvent): void {
  const answer = answerOf(state, turn);
  switch (event.type) {
    case "connection_established":
      callbacks.onTurnStart?.({ sessionId: event.data.sessionId, turnId: turn });
      break;
    case "file_change":
      callbacks.onFileChange?.(event.data);
      break;
    case "tool_use_start":
    case "tool_use_progress": {
      const tool = toolsOf(answer).find((tool) => tool.id === event.data.toolId);
      if (tool) callbacks.onToolUse?.(tool);
      break;
    }
    case "turn_waiting":
      tellWaiting(callbacks, state);
      break;
    case "message_complete":
    case "turn_cancelled":
    case "error":
      if (answer) tellEnd(callbacks, state, answer);
      if (event.type === "error" && state.error) callbacks.onError?.(state.error);
  }
}

/** Tells of a turn that waits for the vendor at present, if one does. */
export function tellWaiting(callbacks: ChatCallbacks, state: ChatState): void {
  const { sessionId, messages } = state;
  const turnId = messages.findLast((message) => message.status === "waiting")?.turnId;
  if (state.status !== "waiting" || isAtWork(state) || sessionId === null || turnId === undefined) return;
  const first = openRequests(state).find((request) => request.kind !== "preview");
  const what =
    first?.kind === "approval" ? first.summary : first?.kind === "question" ? first.questions[0]?.question : "";
  callbacks.onTurnWaiting?.({ sessionId, turnId, what: what ?? "" });
}

/** Tells of a turn that goes on after it has waited. */
export function tellResumed(callbacks: ChatCallbacks, { status, sessionId, turn }: ChatState): void {
  if (status === "running" && sessionId !== null && turn) callbacks.onTurnStart?.({ sessionId, turnId: turn.turnId });
}

/** Tells of an answer that has ended. */
export function tellEnd(callbacks: ChatCallbacks, { sessionId }: ChatState, answer: ChatMessage): void {
  callbacks.onMessage?.(answer);
  if (sessionId === null || answer.turnId === undefined) return;
  callbacks.onTurnEnd?.({ sessionId, turnId: answer.turnId, status: answer.status });
}

/** Tells what Claude has written into its calls between two states of the chat. */
export function tellWriting(callbacks: ChatCallbacks, before: ChatState, after: ChatState): void {
  if (!callbacks.onWriting || before.messages === after.messages) return;
  const turn = after.turn?.turnId ?? before.turn?.turnId;
  const was = writingIn(before, turn);
  const is = writingIn(after, turn);
  for (const [id, tool] of is) {
    const { writing } = tool;
    if (writing && writing !== was.get(id)?.writing) callbacks.onWriting(writingOf(tool, false));
  }
  for (const [id, tool] of was) {
    if (!is.has(id)) callbacks.onWriting(writingOf(tool, true));
  }
}

function writingIn(state: ChatState, turn: number | undefined): Map<string, ToolCall> {
  const tools = turn === undefined ? [] : toolsOf(answerOf(state, turn));
  return new Map(tools.filter((tool) => tool.writing && !isSettled(tool.status)).map((tool) => [tool.id, tool]));
}

function writingOf({ id, name, writing }: ToolCall, done: boolean): Writing {
  return { toolId: id, toolName: name, path: writing?.path, text: writing?.text ?? "", done };
}

function answerOf(state: ChatState, turn: number): ChatMessage | undefined {
  return state.messages.findLast((message) => message.id === assistantId(turn));
}

export function toolsOf(answer: ChatMessage | undefined): ToolCall[] {
  return answer?.parts.flatMap((part) => (part.kind === "tool" ? [part.tool] : [])) ?? [];
}
