import type { Api } from "../src/api/client";
import { createApi, DEFAULT_CONFIG, type Fetch } from "../src/api/client";
import type { Clock } from "../src/api/clock";
import type { ConnectionStatus } from "../src/chat/connection";
import { createChatStore } from "../src/chat/store";
import { guarded, type Memory } from "../src/ui/storage";

/** A response whose body comes in these pieces and then ends, or breaks. */
export function response(pieces: string[], end: "close" | "break" = "close"): Response {
  const encoder = new TextEncoder();
  let index = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces[index];
      index += 1;
      if (piece !== undefined) controller.enqueue(encoder.encode(piece));
      else if (end === "close") controller.close();
      else controller.error(new TypeError("network error"));
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

/** An API whose answers are prepared, with the requests that came. */
export function server(answers: (Response | Error)[]): { api: Api; requests: Request[] } {
  const requests: Request[] = [];
  const fetcher: Fetch = async (input, init) => {
    requests.push(new Request(`http://localhost${String(input)}`, { ...init, signal: null }));
    const answer = answers.shift();
    if (!answer) throw new Error(`no answer prepared for ${String(input)}`);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { api: createApi(DEFAULT_CONFIG, fetcher), requests };
}

/** A clock on which waiting takes no time, but is written down. */
export function fakeClock(): Clock & { waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    now: () => 1_000_000,
    random: () => 0.5,
    online: () => true,
    wait: async (ms) => {
      waits.push(ms);
    },
  };
}

export const refusal = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ success: false, error: { code, message: code, requestId: "r" } }, { status, headers });

/** A memory of its own, as another browser would have. */
export function newMemory(): Memory {
  const kept = new Map<string, string>();
  return guarded(() => ({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  }));
}

interface Given {
  memory?: Memory;
  clock?: Clock;
  /** The ids of the messages, one after the other. */
  ids?: string[];
  /** True where events are shown as they come; else when they are asked for. */
  live?: boolean;
}

export function chat(answers: (Response | Error)[], given: Given = {}) {
  const { api, requests } = server(answers);
  const clock = fakeClock();
  const ids = given.ids ?? [];
  const store = createChatStore({
    api,
    appId: "a1",
    clock: given.clock ?? clock,
    memory: given.memory ?? newMemory(),
    schedule: (flush) => {
      if (given.live) queueMicrotask(flush);
    },
    newId: () => ids.shift() ?? "m1",
  });
  const connections: ConnectionStatus[] = [];
  store.view.subscribe((view, before) => {
    if (view.connection !== before.connection) connections.push(view.connection);
  });
  return { store, requests, clock, connections, view: () => store.view.getState() };
}
