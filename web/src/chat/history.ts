import type { ContentPart, HistoryMessage, Session } from "../api/types";
import { type ChatMessage, type Part, type ToolCall, textOf } from "./model";

/**
 * The messages of a stored session as the chat shows them: one message of the vendor and
 * one of the assistant per turn, tool results folded into the calls they answer.
 */
export function foldHistory(session: Session): ChatMessage[] {
  const folded: ChatMessage[] = [];
  const byKey = new Map<string, ChatMessage>();
  const open = (message: HistoryMessage, role: ChatMessage["role"]): ChatMessage => {
    const key = `${role}-${message.turnId}`;
    const existing = byKey.get(key);
    if (existing) return existing;
    const created: ChatMessage = {
      id: role === "user" ? message.id : assistantId(message.turnId),
      turnId: message.turnId,
      role,
      parts: [],
      content: "",
      status: "complete",
      createdAt: message.createdAt,
      fileChanges: [],
    };
    byKey.set(key, created);
    folded.push(created);
    return created;
  };

  for (const message of session.messages) {
    for (const part of message.content) {
      const byVendor = message.role === "user" && part.type === "text";
      addPart(open(message, byVendor ? "user" : "assistant").parts, part);
    }
  }
  for (const { turnId, timestamp: _, ...change } of session.fileModifications) {
    byKey.get(`assistant-${turnId}`)?.fileChanges.push(change);
  }
  const last = folded.at(-1);
  for (const message of folded) {
    message.content = textOf(message.parts);
    if (message !== last || session.status !== "running") settle(message);
  }
  if (last?.role === "assistant") {
    if (session.status === "running") last.status = "streaming";
    else if (session.status === "cancelled") last.status = "cancelled";
    else if (session.status === "error" || session.status === "interrupted") last.status = "error";
    const said = last.parts.at(-1);
    if (last.status === "error" && said?.kind === "notice") said.level = "error";
  }
  return folded;
}

export function assistantId(turnId: number): string {
  return `answer-${turnId}`;
}

function addPart(parts: Part[], part: ContentPart): void {
  switch (part.type) {
    case "text":
    case "thinking":
      if (part.text) parts.push({ kind: part.type, text: part.text });
      break;
    case "notice":
      parts.push({ kind: "notice", level: "info", text: part.text });
      break;
    case "tool_use":
      parts.push({
        kind: "tool",
        tool: { id: part.toolId, name: part.toolName, status: "running", input: part.input },
      });
      break;
    case "tool_result": {
      const tool = findTool(parts, part.toolId);
      if (!tool) break;
      tool.status = part.isError ? "failed" : "completed";
      const said = resultText(part.content);
      if (part.isError) tool.error = said;
      else tool.summary = said;
    }
  }
}

function findTool(parts: Part[], toolId: string): ToolCall | undefined {
  for (const part of parts) if (part.kind === "tool" && part.tool.id === toolId) return part.tool;
  return undefined;
}

function settle(message: ChatMessage): void {
  for (const part of message.parts) {
    if (part.kind === "tool" && part.tool.status === "running") part.tool.status = "cancelled";
  }
}

/** A tool result as text: a string, or a list of content blocks. */
function resultText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return content == null ? "" : JSON.stringify(content, null, 2);
  return content.map((block: { text?: unknown }) => (typeof block?.text === "string" ? block.text : "")).join("\n");
}
