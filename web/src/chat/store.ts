import type { Api } from "../api/client";
import type { Clock } from "../api/clock";
import type { ApiError } from "../api/errors";
import type { ApprovalAnswer, LoggedEvent } from "../api/types";
import { type Memory, storage } from "../ui/storage";
import { type ChatCallbacks, tellEnd, tellResumed } from "./callbacks";
import type { Opening } from "./connection";
import { createContext } from "./context";
import { createFollowing } from "./following";
import { type ChatMessage, openRequests } from "./model";
import { createOpening } from "./opening";
import { createOutbox } from "./outbox";
import { createSending, type SendOptions } from "./sending";
import { ofSession, toChatError } from "./sessions";
import { createStopping } from "./stopping";

export interface ChatStoreOptions {
  api: Api;
  appId: string;
  clock?: Clock;
  /** Keeps what is not sent yet. */
  memory?: Memory;
  /** Runs `flush` soon, once per frame. */
  schedule?(flush: () => void): void;
  newId?(): string;
}

/** What a turn needs that waits for the vendor, which most do not. */
const importWaiting = () => import("./waiting");

/** One chat: its state, and what can be done in it. Outlives renders; knows no React. */
export function createChatStore(options: ChatStoreOptions) {
  const { appId, memory = storage, schedule = onNextFrame } = options;
  const newId = options.newId ?? (() => crypto.randomUUID());
  const chat = createContext(options);
  const { view, dispatch } = chat;
  const outbox = createOutbox(memory, appId);
  /** The messages that this page has sent itself. */
  const posted = new Set<string>();
  /** Looks at the preview that this page has been asked for. */
  const looks = new Set<string>();

  const following = createFollowing(chat, {
    schedule,
    onStatus: (status) => stopping.onStatus(status),
    onArrival: () => stopping.onArrival(),
    onShown,
  });
  const opening = createOpening(chat, {
    leave: following.leave,
    attach: () => follow({ kind: "stream" }),
    goOn,
    refused: lost,
    onOpened: () => {
      sending.restore();
      showPreview();
    },
  });
  const sending = createSending(chat, {
    outbox,
    newId,
    leave: following.leave,
    post: ({ id, text, attachments, replaces }) => {
      const { sessionId } = view.getState();
      posted.add(id);
      const uploads = attachments?.map(({ uploadId }) => uploadId);
      return follow({
        kind: "post",
        turn: {
          message: text,
          appId,
          messageId: id,
          ...(uploads ? { attachments: uploads } : {}),
          ...(sessionId ? { sessionId } : {}),
          ...(replaces ? { replaces } : {}),
          ...(chat.callbacks.preview?.isOpen() ? { preview: true } : {}),
        },
      });
    },
    attach: () => follow({ kind: "stream" }),
  });
  const stopping = createStopping(chat, { following, reload, goOn, giveUp: sending.giveUpStopped });

  async function reload(): Promise<void> {
    await opening.reload();
    showPreview();
    sending.onTurnEnd();
  }

  /** Reads a turn to its end, and does what its end asks for. */
  async function follow(how: Opening): Promise<void> {
    const outcome = await following.follow(how);
    if (outcome.kind === "aborted") return;
    if (outcome.kind === "waiting") showPreview();
    if (outcome.kind === "nothing") return reload();
    if (outcome.kind === "refused") {
      if (how.kind === "post" && !wasAccepted(how.turn.messageId)) {
        return sending.refused(how.turn.messageId, outcome.error);
      }
      lost(outcome.error);
    }
    sending.onTurnEnd();
  }

  function onShown({ turn, event }: LoggedEvent): void {
    if (event.type !== "connection_established") return;
    sending.accepted(event.data.sessionId, event.data.messageId);
    if (!view.getState().messages.some(isQuestionOf(turn))) void opening.recall();
  }

  /** Follows the turn that has waited. */
  function goOn(): void {
    dispatch({ type: "resumed" });
    tellResumed(chat.callbacks, view.getState());
    void follow({ kind: "stream" });
  }

  /** Answers a request of Claude. Throws an ApiError. */
  async function answer(requestId: string, given: ApprovalAnswer): Promise<void> {
    const { answerRequest } = await importWaiting();
    await answerRequest(chat, { goOn, lookAgain: opening.lookAgain }, requestId, given);
  }

  /** Lets Claude see the preview, where it asks for that. */
  function showPreview(): void {
    const { preview } = chat.callbacks;
    if (!preview) return;
    const asked = view.getState().messages.findLast((message) => message.role === "user")?.id ?? "";
    const isOwn = posted.has(asked);
    for (const { kind, id: requestId } of openRequests(view.getState())) {
      if (kind !== "preview" || looks.has(requestId)) continue;
      looks.add(requestId);
      // Without that code, the server itself ends the wait soon.
      importWaiting().then(
        ({ look }) => look(chat, { appId, preview, isOwn, requestId, answer }),
        () => looks.delete(requestId),
      );
    }
  }

  /** The running turn cannot be followed any further. */
  function lost(reason: ApiError): void {
    const error = toChatError(ofSession(reason), chat.clock.now());
    dispatch({ type: "lost", error, at: chat.clock.now() });
    const answer = view.getState().messages.findLast((message) => message.role === "assistant");
    if (answer) tellEnd(chat.callbacks, view.getState(), answer);
    chat.callbacks.onError?.(error);
  }

  function wasAccepted(messageId: string): boolean {
    return view.getState().messages.some((message) => message.id === messageId && message.turnId !== undefined);
  }

  /** Takes up an interrupted turn from its last finished step, or hurries a reconnection. */
  async function resume(): Promise<void> {
    if (following.retryNow()) return;
    const interrupted = view.getState().status === "interrupted";
    view.setState({ status: "running", error: null });
    await follow({ kind: "stream", continue: interrupted });
  }

  /** Deletes the session; false where that failed. */
  async function clearHistory(): Promise<boolean> {
    const { sessionId } = view.getState();
    if (!(await opening.remove())) return false;
    outbox.remove(
      sessionId,
      outbox.read(sessionId).map((message) => message.id),
    );
    view.setState({ queue: [], held: null });
    return true;
  }

  /** Resolves when the chat that is being opened is there. */
  let opened: Promise<void> = Promise.resolve();

  return {
    view,
    open(sessionId: string | null): Promise<void> {
      opened = opening.open(sessionId);
      return opened;
    },
    async lookAgain(): Promise<void> {
      if (view.getState().status !== "running") sending.restore();
      await opening.lookAgain();
      showPreview();
    },
    loadEarlier: opening.loadEarlier,
    async sendMessage(text: string, given?: SendOptions): Promise<void> {
      if (view.getState().loading) await opened;
      await sending.sendMessage(text, given);
    },
    editMessage: sending.editMessage,
    regenerate: sending.regenerate,
    retry: sending.retry,
    releaseQueue: sending.release,
    withdraw: sending.withdraw,
    cancel: stopping.cancel,
    answer,
    resume,
    clearHistory,
    /** The session has been given another title. */
    retitle: (title: string) => dispatch({ type: "titled", title }),
    dismissError: () => dispatch({ type: "error_dismissed" }),
    setCallbacks: (given: ChatCallbacks) => {
      chat.callbacks = given;
    },
    /** Stops reading and waiting; the turn on the server goes on. */
    close: following.leave,
  };
}

const isQuestionOf = (turn: number) => (message: ChatMessage) => message.role === "user" && message.turnId === turn;

/** Frames do not come in a hidden tab; the stream goes on there all the same. */
function onNextFrame(flush: () => void): void {
  if (document.hidden) setTimeout(flush, 100);
  else requestAnimationFrame(flush);
}
