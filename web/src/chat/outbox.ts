/** Messages that the vendor has sent and the server has not accepted yet, kept in the browser: they survive a reload. */
import { isRecord } from "../api/errors";
import type { Attachment } from "../api/types";
import { isAttachment } from "../attachments/attachment";
import type { Memory } from "../ui/storage";

export interface OutgoingMessage {
  /** The message's own id: sent twice, it still makes one turn. */
  id: string;
  text: string;
  attachments?: readonly Attachment[];
  /** The earlier message in whose place it is sent. */
  replaces?: string;
}

/** Why queued messages wait: the answer was stopped, or failed, or the page was opened anew. */
export type HoldReason = "stopped" | "failed" | "reopened";

export interface Outbox {
  read(sessionId: string | null): OutgoingMessage[];
  add(sessionId: string | null, message: OutgoingMessage): void;
  remove(sessionId: string | null, ids: readonly string[]): void;
}

/** Reads before it writes, since another window may have changed the same list. */
export function createOutbox(memory: Memory, appId: string): Outbox {
  const keyOf = (sessionId: string | null) => `outbox:${appId}:${sessionId ?? "new"}`;
  const read = (sessionId: string | null): OutgoingMessage[] => parse(memory.getItem(keyOf(sessionId)));
  const write = (sessionId: string | null, messages: OutgoingMessage[]) => {
    if (messages.length > 0) memory.setItem(keyOf(sessionId), JSON.stringify(messages));
    else memory.removeItem(keyOf(sessionId));
  };
  return {
    read,
    add(sessionId, message) {
      const messages = read(sessionId);
      const place = messages.findIndex((other) => other.id === message.id);
      write(sessionId, place === -1 ? [...messages, message] : messages.with(place, message));
    },
    remove: (sessionId, ids) =>
      write(
        sessionId,
        read(sessionId).filter((message) => !ids.includes(message.id)),
      ),
  };
}

function parse(stored: string | null): OutgoingMessage[] {
  try {
    const found: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(found) ? found.filter(isOutgoing) : [];
  } catch {
    return [];
  }
}

function isOutgoing(value: unknown): value is OutgoingMessage {
  if (!isRecord(value) || typeof value.id !== "string" || typeof value.text !== "string") return false;
  return value.attachments === undefined || (Array.isArray(value.attachments) && value.attachments.every(isAttachment));
}
