/** How one event of a turn changes the answer that it belongs to. Pure; `content` is left to whoever shows the answer. */
import type { FileChange, StreamEvent } from "../api/types";
import {
  type ChatMessage,
  citing,
  isSettled,
  type MessageStatus,
  type Part,
  type Request,
  type ToolCall,
} from "./model";

/** What of an answer stays when its step is tried again. */
interface Final {
  finalParts: Part[];
  finalFileChanges: FileChange[];
}

export function applyToAnswer(message: ChatMessage, event: StreamEvent, final: Final, at: number): ChatMessage {
  switch (event.type) {
    case "text_delta":
      return { ...message, parts: append(message.parts, "text", event.data.text, at) };
    case "sources": {
      const part = citing(message.parts.at(-1), event.data.sources);
      return part ? { ...message, parts: [...message.parts.slice(0, -1), part] } : message;
    }
    case "thinking_delta":
      return { ...message, parts: append(message.parts, "thinking", event.data.text, at) };
    case "tool_use_start": {
      const { toolId: id, toolName: name } = event.data;
      const tool: ToolCall = { id, name, status: "pending", startedAt: at };
      return { ...message, parts: [...endThinking(message.parts, at), { kind: "tool", tool }] };
    }
    case "tool_use_input": {
      const { toolId, path, delta } = event.data;
      return withTool(message, toolId, (tool) => ({
        ...tool,
        writing: { path: path ?? tool.writing?.path, text: (tool.writing?.text ?? "") + delta },
      }));
    }
    case "tool_use_progress": {
      const { toolId, status, data } = event.data;
      return withTool(message, toolId, (tool) => ({
        ...tool,
        status,
        // The time of writing the call is not the time of running it.
        startedAt: tool.status === "pending" && status === "running" ? at : tool.startedAt,
        input: data.input ?? tool.input,
        writing: isSettled(status) ? undefined : tool.writing,
        summary: data.summary ?? tool.summary,
        error: data.error ?? tool.error,
        durationMs: data.durationMs ?? tool.durationMs,
      }));
    }
    case "tool_use_complete":
      return event.data.toolResults.reduce(
        (answer, result) =>
          withTool(answer, result.toolId, (tool) => ({
            ...tool,
            status: isSettled(result.status) ? result.status : tool.status,
            writing: undefined,
            summary: result.summary,
            durationMs: result.durationMs,
          })),
        message,
      );
    case "file_change":
      return { ...message, fileChanges: [...message.fileChanges, event.data] };
    case "tool_approval_request": {
      const { approvalId: id, ...call } = event.data;
      return withRequest(message, { kind: "approval", id, ...call }, at);
    }
    case "question":
      return withRequest(message, { kind: "question", id: event.data.approvalId, questions: event.data.questions }, at);
    case "preview_request":
      return withRequest(message, { kind: "preview", id: event.data.approvalId }, at);
    case "turn_waiting":
      return { ...message, status: "waiting" };
    case "step_reset":
      return { ...message, parts: final.finalParts, fileChanges: final.finalFileChanges };
    case "notice": {
      const notice: Part = { kind: "notice", level: "info", text: event.data.text };
      return { ...message, parts: [...endThinking(message.parts, at), notice] };
    }
    case "check_finished": {
      const check: Part = { kind: "check", check: { ...event.data, at: event.timestamp } };
      return { ...message, parts: [...endThinking(message.parts, at), check] };
    }
    case "message_complete": {
      const { usage, fileChanges } = event.data;
      return { ...ended(message, "complete", at), usage, fileChanges, endedAt: event.timestamp };
    }
    case "turn_cancelled":
      return { ...ended(message, "cancelled", at), usage: event.data.usage, endedAt: event.timestamp };
    case "error":
      return { ...ended(message, "error", at), endedAt: event.timestamp };
    default:
      return message;
  }
}

/** The answer as its turn leaves it; calls that nobody settled count as cancelled. */
export function ended(message: ChatMessage, status: MessageStatus, at: number): ChatMessage {
  const parts = endThinking(message.parts, at).map(
    (part): Part =>
      part.kind === "tool" && !isSettled(part.tool.status)
        ? { kind: "tool", tool: { ...part.tool, status: "cancelled", writing: undefined } }
        : part,
  );
  return { ...message, parts, status };
}

/** With a request, which may be told of more than once. */
function withRequest(message: ChatMessage, request: Request, at: number): ChatMessage {
  const known = message.parts.some((part) => part.kind === "request" && part.request.id === request.id);
  return known ? message : { ...message, parts: [...endThinking(message.parts, at), { kind: "request", request }] };
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

function withTool(message: ChatMessage, toolId: string, change: (tool: ToolCall) => ToolCall): ChatMessage {
  const parts = message.parts.map(
    (part): Part =>
      part.kind === "tool" && part.tool.id === toolId ? { kind: "tool", tool: change(part.tool) } : part,
  );
  return { ...message, parts };
}
