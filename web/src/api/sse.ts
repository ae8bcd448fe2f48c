import { createParser } from "eventsource-parser";
import { isRecord } from "./errors";
import type { LoggedEvent, StreamEvent } from "./types";

/** The server fills any silence of 10 s with a comment, so this much of it means a dead connection. */
export const SILENCE_LIMIT_MS = 30_000;

export class SilentStreamError extends Error {
  override name = "SilentStreamError";
}

/** The comment with which a stream ends whose turn goes on: its function had to end, and another one is there. */
export const RECONNECT = "reconnect";

/**
 * The events of an SSE response, in batches as they arrive. Ends when the response does;
 * throws when the connection breaks or nothing at all (not even a comment) came for `silenceMs`.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  silenceMs: number = SILENCE_LIMIT_MS,
  onComment: (comment: string) => void = () => undefined,
): AsyncGenerator<LoggedEvent[]> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let arrived: LoggedEvent[] = [];
  const parser = createParser({
    onEvent: (frame) => {
      const event = parseEvent(frame.id, frame.data);
      if (event) arrived.push(event);
    },
    onComment,
  });
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read(), silenceMs);
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      if (arrived.length > 0) {
        yield arrived;
        arrived = [];
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

function parseEvent(id: string | undefined, data: string): LoggedEvent | null {
  const place = /^(\d+)-(\d+)$/.exec(id ?? "");
  if (!place) return null;
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    return null;
  }
  if (!isRecord(event) || typeof event.type !== "string" || !isRecord(event.data)) return null;
  return { turn: Number(place[1]), seq: Number(place[2]), event: event as unknown as StreamEvent };
}

async function withinSilence<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SilentStreamError(`nothing for ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}
