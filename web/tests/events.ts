import type { FileChange, HistoryMessage, LoggedEvent, Session, StreamEvent } from "../src/api/types";
import { type ChatState, EMPTY_CHAT } from "../src/chat/model";
import { reduce } from "../src/chat/reducer";

type DataOf<T extends StreamEvent["type"]> = Extract<StreamEvent, { type: T }>["data"];

/** Builds the events of one turn, numbered from 1. */
export function turnEvents(turn = 1) {
  let seq = 0;
  return <T extends StreamEvent["type"]>(type: T, data: DataOf<T>): LoggedEvent => {
    seq += 1;
    return { turn, seq, event: { type, data, timestamp: 1000 + seq } as unknown as StreamEvent };
  };
}

export const established = (turnId = 1, messageId = "m1") => ({
  sessionId: "s1",
  appId: "a1",
  turnId,
  messageId,
  model: "demo-model",
});

export function play(events: LoggedEvent[], from: ChatState = EMPTY_CHAT, at = 5000): ChatState {
  return reduce(from, { type: "events", events, at });
}

export function sse(events: LoggedEvent[]): string {
  return events.map(({ turn, seq, event }) => `id: ${turn}-${seq}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

export const usage = { inputTokens: 1, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };

export const complete = (turnId = 1, fileChanges: FileChange[] = []) => ({
  turnId,
  stopReason: "end_turn",
  usage,
  fileChanges: fileChanges.map((change) => ({ additions: 0, deletions: 0, ...change })),
});

export const storedSession = (given: Partial<Session> = {}): Session => ({
  sessionId: "s1",
  appId: "a1",
  title: "A chat",
  status: "idle",
  messages: [],
  fileModifications: [],
  pendingTools: [],
  pendingApprovals: [],
  metadata: { model: "demo-model", createdAt: 1, updatedAt: 1, expiresAt: 1, turns: 0, usage },
  hasMore: false,
  ...given,
});

/** A message as a session holds it: one of the vendor, unless `given` says otherwise. */
export const stored = (turnId: number, text: string, given: Partial<HistoryMessage> = {}): HistoryMessage => ({
  id: `h${turnId}`,
  turnId,
  role: "user",
  content: [{ type: "text", text }],
  createdAt: turnId,
  ...given,
});
