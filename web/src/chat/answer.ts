/** How one event of a turn changes the answer that it belongs to. Pure. */
import { isRecord } from "../api/errors";
import type { FileChange, StreamEvent, Usage } from "../api/types";
import { type ChatMessage, isSettled, type MessageStatus, type Part, type ToolCall, textOf } from "./model";

/** What of an answer stays when its step is tried again. */
interface Final {
  finalParts: Part[];
  finalFileChanges: FileChange[];
}

export function applyToAnswer(message: ChatMessage, event: StreamEvent, final: Final, at: number): ChatMessage {
  switch (event.type) {
    case "text_delta":
      return withParts(message, append(message.parts, "text", event.data.text, at));
    case "thinking_delta":
      return withParts(message, append(message.parts, "thinking", event.data.text, at));
    case "tool_use_start":
      return withParts(message, [
        ...endThinking(message.parts, at),
        {
          kind: "tool",
          tool: { id: event.data.toolId, name: event.data.toolName, status: "pending", startedAt: at },
        },
      ]);
    case "tool_use_progress": {
      const { toolId, status, data = {} } = event.data;
      return withTool(message, toolId, (tool) => ({
        ...tool,
        status,
        // The time of writing the call is not the time of running it.
        startedAt: tool.status === "pending" && status === "running" ? at : tool.startedAt,
        input: data.input ?? tool.input,
        summary: data.summary ?? tool.summary,
        error: data.error === undefined ? tool.error : errorText(data.error),
        durationMs: data.durationMs ?? tool.durationMs,
      }));
    }
    case "tool_use_complete":
      return event.data.toolResults.reduce(
        (answer, result) =>
          withTool(answer, result.toolId, (tool) => ({
            ...tool,
            status: isSettled(result.status) ? result.status : tool.status,
            summary: result.summary ?? tool.summary,
            durationMs: result.durationMs ?? tool.durationMs,
          })),
        message,
      );
    case "file_change":
      return { ...message, fileChanges: [...message.fileChanges, event.data] };
    case "step_reset":
      return { ...withParts(message, final.finalParts), fileChanges: final.finalFileChanges };
    case "notice":
      return withParts(message, [
        ...endThinking(message.parts, at),
        { kind: "notice", level: "info", text: event.data.text },
      ]);
    case "message_complete":
      return {
        ...ended(message, "complete", at, event.data.usage),
        fileChanges: event.data.fileChanges ?? message.fileChanges,
      };
    case "turn_cancelled":
      return ended(message, "cancelled", at, event.data.usage);
    case "error":
      return ended(message, "error", at);
    default:
      return message;
  }
}

/** The answer as its turn leaves it; calls that nobody settled count as cancelled. */
export function ended(message: ChatMessage, status: MessageStatus, at: number, usage?: Usage): ChatMessage {
  const parts = endThinking(message.parts, at).map(
    (part): Part =>
      part.kind === "tool" && !isSettled(part.tool.status)
        ? { kind: "tool", tool: { ...part.tool, status: "cancelled" } }
        : part,
  );
  return { ...withParts(message, parts), status, usage };
}

function append(parts: Part[], kind: "text" | "thinking", text: string, at: number): Part[] {
  const last = parts.at(-1);
  if (last?.kind === kind) return [...parts.slice(0, -1), { ...last, text: last.text + text }];
  const settled = endThinking(parts, at);
  return [...settled, kind === "text" ? { kind, text } : { kind, text, startedAt: at }];
}

function endThinking(parts: Part[], at: number): Part[] {
  const last = parts.at(-1);
  if (last?.kind !== "thinking" || last.durationMs !== undefined || last.startedAt === undefined) {
    return parts;
  }
  return [...parts.slice(0, -1), { ...last, durationMs: at - last.startedAt }];
}

export function withParts(message: ChatMessage, parts: Part[]): ChatMessage {
  return { ...message, parts, content: textOf(parts) };
}

function withTool(message: ChatMessage, toolId: string, change: (tool: ToolCall) => ToolCall): ChatMessage {
  const parts = message.parts.map(
    (part): Part =>
      part.kind === "tool" && part.tool.id === toolId ? { kind: "tool", tool: change(part.tool) } : part,
  );
  return withParts(message, parts);
}

function errorText(error: unknown): string {
  if (typeof error === "string") return error;
  return isRecord(error) && typeof error.message === "string" ? error.message : "The tool failed.";
}
