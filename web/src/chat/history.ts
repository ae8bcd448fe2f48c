import type { ApprovalAnswer, ContentPart, HistoryMessage, Session, TurnRecord } from "../api/types";
import {
  type ChatMessage,
  citing,
  isSettled,
  type MessageStatus,
  type Part,
  requestOf,
  type ToolCall,
  textOf,
} from "./model";

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

  const latest = session.messages.at(-1)?.turnId;
  const running = session.status === "running" ? latest : undefined;
  const waiting = session.status === "waiting" ? latest : undefined;
  for (const message of session.messages) {
    for (const part of message.content) {
      const byVendor = message.role === "user" && (part.type === "text" || part.type === "attachment");
      const shown = open(message, byVendor ? "user" : "assistant");
      if (part.type === "attachment") {
        const { type: _, ...attachment } = part;
        shown.attachments = [...(shown.attachments ?? []), attachment];
      } else addPart(shown.parts, part, message.createdAt);
    }
    if (message.turn && message.turnId !== running) record(open(message, "assistant"), message.turn);
  }
  for (const message of folded) {
    if (message.turnId === running && message.role === "assistant") message.status = "streaming";
    else if (message.turnId === waiting && message.role === "assistant") {
      message.status = "waiting";
      // What it has used counts when it has ended.
      message.usage = undefined;
      for (const pending of session.pendingApprovals) {
        message.parts.push({ kind: "request", request: requestOf(pending) });
      }
    } else settle(message);
    message.content = textOf(message.parts);
  }
  return folded;
}

/** What was answered to the requests in a stored session, by their ids. */
export function answersIn({ messages }: Session): Record<string, ApprovalAnswer> {
  const given = messages.flatMap(({ content }) => content.filter((part) => part.type === "request_answered"));
  return Object.fromEntries(given.map((part) => [part.approvalId, part]));
}

export function assistantId(turnId: number): string {
  return `answer-${turnId}`;
}

const STATUS: Record<TurnRecord["status"], MessageStatus> = {
  complete: "complete",
  running: "streaming",
  waiting: "waiting",
  cancelled: "cancelled",
  interrupted: "error",
  error: "error",
};

/** What is stored of a turn as a whole, on the answer that stands for it. */
function record(answer: ChatMessage, turn: TurnRecord): void {
  answer.status = STATUS[turn.status];
  answer.usage = turn.usage;
  answer.fileChanges = turn.fileChanges;
  answer.startedAt = turn.startedAt;
  answer.endedAt = turn.endedAt;
  answer.undone = turn.undone;
}

function addPart(parts: Part[], part: Exclude<ContentPart, { type: "attachment" }>, at: number): void {
  switch (part.type) {
    case "text":
    case "thinking": {
      const last = parts.at(-1);
      // As in the stream, which does not tell where one block ends and the next begins.
      if (last?.kind === part.type) last.text += part.text;
      else if (part.text) parts.push({ kind: part.type, text: part.text });
      if (part.type === "text" && part.sources) {
        const cited = citing(parts.pop(), part.sources);
        if (cited) parts.push(cited);
      }
      break;
    }
    case "notice":
      parts.push({ kind: "notice", level: "info", text: part.text });
      break;
    case "check": {
      const { type: _, ...check } = part;
      parts.push({ kind: "check", check: { ...check, at } });
      break;
    }
    case "tool_use":
      parts.push({
        kind: "tool",
        tool: { id: part.toolId, name: part.toolName, status: "running", input: part.input },
      });
      break;
    case "request_answered": {
      const { input } = findTool(parts, part.toolId) ?? {};
      const request = requestOf({ ...part, input: (input ?? {}) as Record<string, unknown> });
      parts.push({ kind: "request", request });
      break;
    }
    case "tool_result": {
      const tool = findTool(parts, part.toolId);
      if (!tool) break;
      tool.status = part.status;
      // A call that was never run has nothing to tell.
      if (part.status === "cancelled" && part.durationMs === 0) break;
      tool.durationMs = part.durationMs;
      tool.summary = part.summary;
      if (part.isError) tool.error = part.summary;
    }
  }
}

function findTool(parts: Part[], toolId: string): ToolCall | undefined {
  for (const part of parts) if (part.kind === "tool" && part.tool.id === toolId) return part.tool;
  return undefined;
}

/** A turn that has ended leaves no call open, and its last notice says why where it did not end well. */
function settle(message: ChatMessage): void {
  for (const part of message.parts) {
    if (part.kind === "tool" && !isSettled(part.tool.status)) part.tool.status = "cancelled";
  }
  const reason = message.parts.at(-1);
  if (reason?.kind !== "notice") return;
  // That it was stopped is said by the status itself.
  if (message.status === "cancelled") message.parts.pop();
  else if (message.status === "error") reason.level = "error";
}
