import { createStore, type StoreApi } from "zustand/vanilla";
import type { Api } from "../api/client";
import { type ApiError, asApiError } from "../api/errors";
import type { LoggedEvent } from "../api/types";
import { type ChatCallbacks, tell } from "./callbacks";
import { type Clock, type ConnectionStatus, type Opening, realClock, TurnConnection } from "./connection";
import { type ChatMessage, type ChatState, EMPTY_CHAT } from "./model";
import { type ChatAction, reduce } from "./reducer";
import { ofSession, sessionReader, toChatError } from "./sessions";

/** How long a cancelled turn may take to say so before the history is read instead. */
const CANCEL_PATIENCE_MS = 10_000;

export interface ChatView extends ChatState {
  connection: ConnectionStatus;
  /** When the next attempt to reconnect begins, client clock. */
  retryAt: number | null;
  loading: boolean;
  cancelling: boolean;
}

export interface ChatStoreOptions {
  api: Api;
  appId: string;
  clock?: Clock;
  /** Runs `flush` soon, once per frame. */
  schedule?(flush: () => void): void;
  newId?(): string;
}

export type ChatStore = ReturnType<typeof createChatStore>;

/** One chat: its state, and what can be done in it. Outlives renders; knows no React. */
export function createChatStore(options: ChatStoreOptions) {
  const { api, appId, clock = realClock, schedule = onNextFrame } = options;
  const readSession = sessionReader(api, appId);
  const newId = options.newId ?? (() => crypto.randomUUID());
  const view: StoreApi<ChatView> = createStore(() => ({
    ...EMPTY_CHAT,
    connection: "idle",
    retryAt: null,
    loading: false,
    cancelling: false,
  }));
  let callbacks: ChatCallbacks = {};
  let connection: TurnConnection | null = null;
  let waiting: { logged: LoggedEvent; at: number }[] = [];
  let generation = 0;

  const dispatch = (action: ChatAction) => view.setState((state) => reduce(state, action));

  function flush(): void {
    const events = waiting;
    if (events.length === 0) return;
    waiting = [];
    view.setState((state) =>
      events.reduce<ChatState>((next, event) => reduce(next, { type: "event", ...event }), state),
    );
    for (const { logged } of events) {
      const { turn, event } = logged;
      if (event.type === "connection_established" && !view.getState().messages.some(isQuestionOf(turn))) void recall();
      tell(callbacks, view.getState(), logged);
    }
  }

  /** What was asked from elsewhere, beside the answer that is being followed here. */
  async function recall(): Promise<void> {
    const { sessionId } = view.getState();
    const mine = generation;
    try {
      const session = sessionId && (await readSession(sessionId));
      if (session && mine === generation) dispatch({ type: "recalled", session });
    } catch {
      // The answer is of use without its question, which comes with the next reload.
    }
  }

  function fail(reason: unknown): void {
    const error = toChatError(asApiError(reason), clock.now());
    dispatch({ type: "failed", error });
    callbacks.onError?.(error);
  }

  function disconnect(): void {
    connection?.close();
    connection = null;
    waiting = [];
    generation += 1;
    view.setState({ connection: "idle", retryAt: null, cancelling: false });
  }

  async function follow(opening: Opening): Promise<void> {
    disconnect();
    const mine = new TurnConnection(
      api,
      {
        onStatus: (status, retryAt) => {
          if (connection !== mine) return;
          view.setState({ connection: status, retryAt });
          // Nobody has answered yet, and nobody is to be asked again.
          if (status === "reconnecting" || status === "offline") giveUpStopped();
        },
        onEvents: (events) => {
          const at = clock.now();
          if (waiting.length === 0) schedule(flush);
          waiting.push(...events.map((logged) => ({ logged, at })));
          if (view.getState().cancelling) void requestCancel();
        },
        position: () => {
          flush();
          const { sessionId, turn } = view.getState();
          return { sessionId, lastEventId: turn && `${turn.turnId}-${turn.seq}` };
        },
      },
      clock,
    );
    connection = mine;
    const outcome = await mine.follow(opening);
    if (connection !== mine) return;
    flush();
    connection = null;
    view.setState({ cancelling: false });
    if (outcome.kind === "nothing") await reload();
    if (outcome.kind === "refused") refused(opening, outcome.error);
  }

  function refused(opening: Opening, reason: ApiError): void {
    const { sessionId } = view.getState();
    const error = toChatError(sessionId ? ofSession(reason) : reason, clock.now());
    if (opening.kind === "post" && !wasAccepted(opening.turn.messageId)) {
      dispatch({ type: "unsent", messageId: opening.turn.messageId, error });
      // Somebody else's turn is running here: show it.
      if (error.code === "session_busy" && sessionId) void follow({ kind: "stream" });
    } else {
      dispatch({ type: "lost", error, at: clock.now() });
    }
    callbacks.onError?.(error);
  }

  function wasAccepted(messageId: string): boolean {
    return view.getState().messages.some((message) => message.id === messageId && message.turnId !== undefined);
  }

  /** The session as it is stored, in place of what is shown. */
  async function reload(): Promise<void> {
    const { sessionId } = view.getState();
    if (!sessionId) return;
    const mine = generation;
    try {
      const session = await readSession(sessionId);
      if (mine !== generation) return;
      const following = view.getState().turn?.turnId === session.messages.at(-1)?.turnId;
      if (session.status === "interrupted" && following) dispatch({ type: "interrupted", at: clock.now() });
      else dispatch({ type: "opened", session });
      const last = view.getState().messages.at(-1);
      if (last) callbacks.onMessage?.(last);
      if (session.status !== "running") return;
    } catch (reason) {
      if (mine !== generation) return;
      const error = asApiError(reason);
      if (!error.retryable) return refused({ kind: "stream" }, error);
    }
    await clock.wait(1000, new AbortController().signal);
    if (mine === generation) await follow({ kind: "stream" });
  }

  async function open(sessionId: string | null): Promise<void> {
    disconnect();
    dispatch({ type: "cleared" });
    view.setState({ loading: sessionId !== null });
    if (!sessionId) return;
    const mine = generation;
    try {
      const session = await readSession(sessionId);
      if (mine !== generation) return;
      dispatch({ type: "opened", session });
      view.setState({ loading: false });
      if (session.status === "running") void follow({ kind: "stream" });
    } catch (reason) {
      if (mine !== generation) return;
      view.setState({ loading: false });
      fail(reason);
    }
  }

  /** Brings an idle chat up to date with what was done to its session elsewhere. */
  async function lookAgain(): Promise<void> {
    const { sessionId, status, messages, loading } = view.getState();
    if (!sessionId || loading || status === "running") return;
    const mine = generation;
    const still = () => mine === generation && view.getState().messages === messages;
    try {
      const session = await readSession(sessionId);
      if (!still()) return;
      const latest = messages.findLast((message) => message.turnId !== undefined)?.turnId;
      if (session.messages.at(-1)?.turnId === latest && session.status === status) return;
      dispatch({ type: "opened", session });
      if (session.status === "running") void follow({ kind: "stream" });
    } catch (reason) {
      // A server that cannot be reached is a matter for the next message.
      if (still() && !asApiError(reason).retryable) fail(reason);
    }
  }

  async function sendMessage(text: string, send: { clientMessageId?: string } = {}): Promise<void> {
    const messageId = send.clientMessageId ?? newId();
    dispatch({ type: "sent", messageId, text, at: clock.now() });
    const { sessionId } = view.getState();
    await follow({
      kind: "post",
      turn: { message: text, appId, messageId, ...(sessionId ? { sessionId } : {}) },
    });
  }

  let cancelAsked = false;
  async function requestCancel(): Promise<void> {
    flush();
    const { sessionId } = view.getState();
    if (!sessionId || cancelAsked) return;
    cancelAsked = true;
    const mine = generation;
    try {
      await api.cancel(sessionId);
      await clock.wait(CANCEL_PATIENCE_MS, new AbortController().signal);
      if (mine === generation && view.getState().cancelling) {
        disconnect();
        await reload();
      }
    } catch (reason) {
      view.setState({ cancelling: false });
      fail(reason);
    }
  }

  /** Asks the server to stop the running turn; what was shown stays. */
  async function cancel(): Promise<void> {
    if (view.getState().status !== "running") return;
    cancelAsked = false;
    view.setState({ cancelling: true });
    // A turn that is about to begin is stopped when it does: it may have been accepted already.
    if (!unanswered()) return requestCancel();
    if (view.getState().retryAt !== null) return giveUpStopped();
    const mine = generation;
    await clock.wait(CANCEL_PATIENCE_MS, new AbortController().signal);
    if (mine === generation) giveUpStopped();
  }

  function unanswered(): ChatMessage | undefined {
    return view.getState().messages.find((message) => message.status === "sending");
  }

  /** Ends the attempts to send a message that was stopped. */
  function giveUpStopped(): void {
    const message = unanswered();
    if (!message || !view.getState().cancelling) return;
    disconnect();
    const error = { code: "stopped", message: "Stopped before the message was accepted.", retryable: true };
    dispatch({ type: "unsent", messageId: message.id, error });
  }

  /** Sends the last message once more: under its own id where it never arrived, else as a new one. */
  async function retry(): Promise<void> {
    const last = view.getState().messages.findLast((message) => message.role === "user");
    if (!last) return;
    const again = last.status === "unsent" ? { clientMessageId: last.id } : {};
    await sendMessage(last.content, again);
  }

  /** Takes up an interrupted turn from its last finished step, or hurries a reconnection. */
  async function resume(): Promise<void> {
    if (connection) connection.retryNow();
    else {
      const interrupted = view.getState().status === "interrupted";
      view.setState({ status: "running", error: null });
      await follow({ kind: "stream", continue: interrupted });
    }
  }

  async function clearHistory(): Promise<void> {
    const { sessionId } = view.getState();
    try {
      if (sessionId) await api.deleteSession(sessionId);
    } catch (reason) {
      if (ofSession(asApiError(reason)).code !== "session_gone") return fail(reason);
    }
    disconnect();
    dispatch({ type: "cleared" });
  }

  async function loadEarlier(): Promise<void> {
    const { sessionId, oldestId } = view.getState();
    if (!sessionId || !oldestId) return;
    try {
      const page = await readSession(sessionId, oldestId);
      dispatch({ type: "earlier", session: page });
    } catch (reason) {
      fail(reason);
    }
  }

  return {
    view,
    open,
    lookAgain,
    sendMessage,
    cancel,
    retry,
    resume,
    clearHistory,
    loadEarlier,
    dismissError: () => dispatch({ type: "error_dismissed" }),
    setCallbacks: (given: ChatCallbacks) => {
      callbacks = given;
    },
    /** Stops reading and waiting; the turn on the server goes on. */
    close: disconnect,
  };
}

const isQuestionOf = (turn: number) => (message: ChatMessage) => message.role === "user" && message.turnId === turn;

/** Frames do not come in a hidden tab; the stream goes on there all the same. */
function onNextFrame(flush: () => void): void {
  if (document.hidden) setTimeout(flush, 100);
  else requestAnimationFrame(flush);
}
