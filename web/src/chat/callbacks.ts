import type { FileChange, LoggedEvent } from "../api/types";
import { assistantId } from "./history";
import type { ChatError, ChatMessage, ChatState, ToolCall } from "./model";

export interface ChatCallbacks {
  /** A turn has ended; the message may be complete, cancelled or in error. */
  onMessage?(message: ChatMessage): void;
  onToolUse?(tool: ToolCall): void;
  onFileChange?(change: FileChange): void;
  onError?(error: ChatError): void;
}

/** Tells whoever listens of an event that `state` holds already. */
export function tell(callbacks: ChatCallbacks, { messages, error }: ChatState, { turn, event }: LoggedEvent): void {
  const answer = messages.find((message) => message.id === assistantId(turn));
  if (event.type === "file_change") callbacks.onFileChange?.(event.data);
  if (event.type === "tool_use_start" || event.type === "tool_use_progress") {
    const part = answer?.parts.find((part) => part.kind === "tool" && part.tool.id === event.data.toolId);
    if (part?.kind === "tool") callbacks.onToolUse?.(part.tool);
  }
  if (event.type === "message_complete" || event.type === "turn_cancelled" || event.type === "error") {
    if (answer) callbacks.onMessage?.(answer);
  }
  if (event.type === "error" && error) callbacks.onError?.(error);
}
