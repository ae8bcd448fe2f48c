import { useEffect, useLayoutEffect, useMemo } from "react";
import { useStore } from "zustand";
import { type Api, createApi, DEFAULT_CONFIG, type Fetch } from "../api/client";
import type { ApprovalAnswer, Attachment, FileChange, Usage } from "../api/types";
import { onReturn } from "../ui/onReturn";
import { type ChatCallbacks, toolsOf } from "./callbacks";
import type { ConnectionStatus } from "./connection";
import {
  type ChatError,
  type ChatMessage,
  isAtWork,
  isSettled,
  openRequests,
  type Request,
  type ToolCall,
} from "./model";
import type { HoldReason, OutgoingMessage } from "./outbox";
import type { SendOptions } from "./sending";
import { createChatStore } from "./store";

export interface UseAIChatOptions extends ChatCallbacks {
  appId: string;
  /** The session to open; null or absent begins a new one with the first message. */
  sessionId?: string | null;
  api?: Api;
  /** Path of the chat routes, where no `api` is given. */
  baseUrl?: string;
  fetch?: Fetch;
}

export interface UseAIChat {
  messages: ChatMessage[];
  isConnected: boolean;
  isProcessing: boolean;
  /** True for a turn that waits for the vendor's word; until then nothing runs. */
  isWaiting: boolean;
  /** What the turn waits for. */
  requests: Request[];
  /** What was answered, by the ids of the requests. */
  answers: Readonly<Record<string, ApprovalAnswer>>;
  isCancelling: boolean;
  isLoading: boolean;
  /** True for a session whose turn was broken off; `resume` takes it up again. */
  isInterrupted: boolean;
  currentTool: ToolCall | null;
  activeTools: ToolCall[];
  /** Of the latest answer. */
  fileChanges: FileChange[];
  sessionId: string | null;
  title: string;
  model: string | null;
  connection: ConnectionStatus;
  /** When the next attempt to reconnect begins, epoch milliseconds of this machine. */
  retryAt: number | null;
  error: ChatError | null;
  /** Tokens and cost of the latest answer, and of the whole chat. */
  usage: Usage | null;
  totalUsage: Usage | null;
  /** The latest notice, until something else happens. */
  notice: string | null;
  /** Messages that wait for the running answer. */
  queue: OutgoingMessage[];
  /** Why the queue waits for `releaseQueue`; null where it goes on by itself. */
  held: HoldReason | null;
  hasMore: boolean;
  /** Sends a message; while an answer is written, it waits its turn. */
  sendMessage(text: string, options?: SendOptions): Promise<void>;
  cancel(): Promise<void>;
  /** Answers a request of Claude. Throws an ApiError. */
  answer(requestId: string, given: ApprovalAnswer): Promise<void>;
  /** Deletes the session; false where that failed. */
  clearHistory(): Promise<boolean>;
  /** Leaves the session, which stays as it is, for an empty chat. */
  begin(): void;
  /** Sends an earlier message of the vendor with other words and attachments, in place of it and all that followed. */
  editMessage(messageId: string, text: string, attachments?: readonly Attachment[]): Promise<void>;
  /** Has the message of a turn answered anew, in place of its answer and all that followed. */
  regenerate(turnId: number): Promise<void>;
  releaseQueue(): Promise<void>;
  /** Takes a message that is not sent out of the chat; null where it is on its way already. */
  withdraw(messageId: string): OutgoingMessage | null;
  /** The session was renamed. */
  retitle(title: string): void;
  retry(): Promise<void>;
  resume(): Promise<void>;
  loadEarlier(): Promise<void>;
  dismissError(): void;
}

/** A conversation with the assistant about one app: its live state, and the ways to act on it. */
export function useAIChat(options: UseAIChatOptions): UseAIChat {
  const { appId, sessionId = null, baseUrl, fetch } = options;
  const api = useMemo(
    () => options.api ?? createApi({ ...DEFAULT_CONFIG, ...(baseUrl ? { basePath: baseUrl } : {}) }, fetch),
    [options.api, baseUrl, fetch],
  );
  const store = useMemo(() => createChatStore({ api, appId }), [api, appId]);
  const view = useStore(store.view);

  useLayoutEffect(() => store.setCallbacks(options));

  useEffect(() => {
    // A session that this chat has just begun itself is open already.
    if (sessionId !== store.view.getState().sessionId) void store.open(sessionId);
  }, [store, sessionId]);

  useEffect(() => {
    const hurry = () => {
      if (store.view.getState().retryAt !== null) void store.resume();
    };
    window.addEventListener("online", hurry);
    const forget = onReturn(() => void store.lookAgain());
    return () => {
      window.removeEventListener("online", hurry);
      forget();
      store.close();
    };
  }, [store]);

  const waits = view.status === "waiting";
  useEffect(() => {
    if (!waits) return;
    // It may be answered in another window, or on another machine.
    const timer = setInterval(() => {
      if (!document.hidden) void store.lookAgain();
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [store, waits]);

  const requests = useMemo(() => openRequests(view), [view]);
  const isProcessing = isAtWork(view);
  const answer = view.messages.findLast((message) => message.role === "assistant");
  const activeTools = useMemo(() => toolsOf(answer).filter((tool) => !isSettled(tool.status)), [answer]);
  return {
    messages: view.messages,
    isConnected: view.connection === "open" || (view.connection === "idle" && !view.loading),
    isProcessing,
    isWaiting: waits && !isProcessing,
    requests,
    answers: view.answers,
    isCancelling: view.cancelling,
    isLoading: view.loading,
    isInterrupted: view.status === "interrupted",
    currentTool: activeTools.at(-1) ?? null,
    activeTools,
    fileChanges: answer?.fileChanges ?? NO_CHANGES,
    sessionId: view.sessionId,
    title: view.title,
    model: view.model,
    connection: view.connection,
    retryAt: view.retryAt,
    error: view.error,
    usage: answer?.usage ?? null,
    totalUsage: view.usage,
    notice: view.notice,
    queue: view.queue,
    held: view.held,
    hasMore: view.hasMore,
    sendMessage: store.sendMessage,
    cancel: store.cancel,
    answer: store.answer,
    clearHistory: store.clearHistory,
    begin: () => void store.open(null),
    editMessage: store.editMessage,
    regenerate: store.regenerate,
    releaseQueue: store.releaseQueue,
    withdraw: store.withdraw,
    retitle: store.retitle,
    retry: store.retry,
    resume: store.resume,
    loadEarlier: store.loadEarlier,
    dismissError: store.dismissError,
  };
}

/** How often a window that is looked at asks whether what it waits for was answered elsewhere. */
const LOOK_EVERY_MS = 5000;
const NO_CHANGES: FileChange[] = [];
