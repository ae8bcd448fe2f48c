import { createStore, type StoreApi } from "zustand/vanilla";
import type { Api } from "../api/client";
import { type Clock, realClock } from "../api/clock";
import { asApiError } from "../api/errors";
import type { Session } from "../api/types";
import type { ChatCallbacks } from "./callbacks";
import type { ConnectionStatus } from "./connection";
import { type ChatState, EMPTY_CHAT } from "./model";
import type { HoldReason, OutgoingMessage } from "./outbox";
import { type ChatAction, reduce } from "./reducer";
import { sessionReader, toChatError } from "./sessions";

export interface ChatView extends ChatState {
  connection: ConnectionStatus;
  /** When the next attempt to reconnect begins, client clock. */
  retryAt: number | null;
  loading: boolean;
  cancelling: boolean;
  /** Messages that wait for the running turn to end, in the order in which they are sent. */
  queue: OutgoingMessage[];
  /** Why the queue waits for the vendor's word; null where it goes on by itself. */
  held: HoldReason | null;
}

/** What the parts of one chat share: its state, and the means to change it. */
export interface ChatContext {
  readonly api: Api;
  readonly clock: Clock;
  readonly view: StoreApi<ChatView>;
  callbacks: ChatCallbacks;
  /**
   * Aborted as soon as something else is opened or followed. What was asked for before that comes too late
   * to be shown: each asker keeps the signal of its own time.
   */
  readonly visit: AbortSignal;
  /** Ends the present visit and begins the next. */
  nextVisit(): void;
  readSession(sessionId: string, before?: string): Promise<Session>;
  dispatch(action: ChatAction): void;
  /** Shows what went wrong, and tells of it. */
  fail(reason: unknown): void;
}

export function createContext(options: { api: Api; appId: string; clock?: Clock }): ChatContext {
  const { api, appId, clock = realClock } = options;
  const view = createStore<ChatView>(() => ({
    ...EMPTY_CHAT,
    connection: "idle",
    retryAt: null,
    loading: false,
    cancelling: false,
    queue: [],
    held: null,
  }));
  let visit = new AbortController();
  const chat: ChatContext = {
    api,
    clock,
    view,
    callbacks: {},
    get visit() {
      return visit.signal;
    },
    nextVisit() {
      visit.abort();
      visit = new AbortController();
    },
    readSession: sessionReader(api, appId),
    dispatch: (action) => view.setState((state) => reduce(state, action)),
    fail(reason) {
      const error = toChatError(asApiError(reason), clock.now());
      chat.dispatch({ type: "failed", error });
      chat.callbacks.onError?.(error);
    },
  };
  return chat;
}
