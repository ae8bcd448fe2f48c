import { type ApiError, asApiError } from "../api/errors";
import type { Attachment } from "../api/types";
import type { ChatContext } from "./context";
import { type ChatError, type ChatMessage, isAtWork } from "./model";
import type { Outbox, OutgoingMessage } from "./outbox";
import { ofSession, toChatError } from "./sessions";

interface SendingHooks {
  outbox: Outbox;
  newId(): string;
  leave(): void;
  /** Posts the message and reads its turn to the end. */
  post(message: OutgoingMessage): Promise<void>;
  /** Reads the running turn of the open session. */
  attach(): Promise<void>;
}

/** What goes along with a message. */
export interface SendOptions {
  clientMessageId?: string;
  attachments?: readonly Attachment[];
}

/** Sends messages: at once, in turn, in place of earlier ones, and again. */
export function createSending(chat: ChatContext, { outbox, newId, leave, post, attach }: SendingHooks) {
  const { view, dispatch } = chat;
  /** The message that is on its way, where it came from the queue. */
  let queued: string | null = null;

  /** Sends a message now, or as soon as those before it are answered. What Claude asks meanwhile it refuses. */
  async function sendMessage(text: string, given: SendOptions = {}): Promise<void> {
    const { clientMessageId: id = newId(), attachments = [] } = given;
    const message = outgoing({ id, content: text, attachments });
    if (!isAtWork(view.getState())) return send(message);
    outbox.add(view.getState().sessionId, message);
    view.setState(({ queue }) => ({ queue: [...queue, message] }));
  }

  async function send(message: OutgoingMessage): Promise<void> {
    const { id, text, attachments, replaces } = message;
    leave();
    const { visit } = chat;
    outbox.add(view.getState().sessionId, message);
    dispatch({ type: "sent", messageId: id, text, attachments, replaces, at: chat.clock.now() });
    const { beforeSend } = chat.callbacks;
    if (beforeSend) {
      try {
        await beforeSend();
      } catch (reason) {
        if (!visit.aborted) giveUp(id, notSaved(reason));
        return;
      }
      if (visit.aborted) return;
      if (view.getState().cancelling) return giveUp(id, STOPPED);
    }
    await post(message);
  }

  async function sendNext(): Promise<void> {
    const [next, ...rest] = view.getState().queue;
    if (!next) return;
    view.setState({ queue: rest });
    queued = next.id;
    await send(next);
  }

  /** A message that was not accepted: to its place in the queue, to whoever wants it, or shown as not sent. */
  function giveUp(messageId: string, error: ChatError): void {
    const { sessionId, queue } = view.getState();
    leave();
    dispatch({ type: "unsent", messageId, error });
    const message = view.getState().messages.find((other) => other.id === messageId);
    if (!message) return;
    if (error.code === "session_busy" || messageId === queued) {
      dispatch({ type: "taken_back", messageId });
      const held = error.code === STOPPED.code ? "stopped" : "failed";
      view.setState({ queue: [outgoing(message), ...queue], held });
    } else if (!message.replaces && chat.callbacks.onUnsent?.(message)) {
      dispatch({ type: "taken_back", messageId });
      outbox.remove(sessionId, [messageId]);
    }
    queued = null;
  }

  /** The server did not accept a message. */
  function refused(messageId: string, reason: ApiError): void {
    const { sessionId } = view.getState();
    const error = toChatError(sessionId ? ofSession(reason) : reason, chat.clock.now());
    giveUp(messageId, error);
    if (error.code === "session_busy" && sessionId) {
      // Somebody else's turn is running here: it is shown, and the message waits for its end.
      dispatch({ type: "error_dismissed" });
      view.setState({ held: null });
      void attach();
    } else chat.callbacks.onError?.(error);
  }

  /** The server has accepted a message, and given a new chat its session. */
  function accepted(sessionId: string, messageId: string): void {
    const { queue, messages } = view.getState();
    const ours = new Set([...queue, ...messages].map((message) => message.id));
    const begun = outbox.read(null).filter((message) => ours.has(message.id));
    outbox.remove(null, [...ours]);
    for (const message of begun) outbox.add(sessionId, message);
    outbox.remove(sessionId, [messageId]);
    view.setState({ queue: queue.filter((message) => message.id !== messageId) });
    if (queued === messageId) queued = null;
  }

  /** A turn has ended: the next message goes out, unless the vendor should look first. */
  function onTurnEnd(): void {
    const { status, queue, held } = view.getState();
    if (status === "running" || status === "waiting" || queue.length === 0 || held) return;
    if (status === "idle") void sendNext();
    else view.setState({ held: status === "cancelled" ? "stopped" : "failed" });
  }

  /** Finds the messages that an earlier visit to this chat has left unsent. */
  function restore(): void {
    const { sessionId, messages, status, queue, held } = view.getState();
    const shown = new Set(messages.map((message) => message.id));
    const stored = outbox.read(sessionId);
    const accepted = messages.flatMap((message) => (message.turnId === undefined ? [] : [message.id]));
    outbox.remove(sessionId, accepted);
    const left = stored.filter((message) => !shown.has(message.id));
    const known = new Set(queue.map((message) => message.id));
    const found = left.some((message) => !known.has(message.id)) && status !== "running";
    view.setState({ queue: left, held: left.length === 0 ? null : found ? (held ?? "reopened") : held });
  }

  /** Lets the queue go on. */
  async function release(): Promise<void> {
    view.setState({ held: null, error: null });
    if (view.getState().status !== "running") await sendNext();
  }

  /** Takes a message that is not sent out of the chat; null where it is on its way already. */
  function withdraw(messageId: string): OutgoingMessage | null {
    const { sessionId, queue, messages } = view.getState();
    const unsent = messages.find((message) => message.id === messageId && message.status === "unsent");
    const message = queue.find((other) => other.id === messageId) ?? (unsent && outgoing(unsent));
    if (!message) return null;
    outbox.remove(sessionId, [messageId]);
    if (unsent) dispatch({ type: "taken_back", messageId });
    const left = queue.filter((other) => other !== message);
    view.setState(({ held }) => ({ queue: left, held: left.length > 0 ? held : null }));
    return message;
  }

  /** Goes on from before an earlier message of the vendor, with other words and attachments in its place. */
  async function editMessage(messageId: string, text: string, attachments?: readonly Attachment[]): Promise<void> {
    const { status, messages } = view.getState();
    const known = messages.some((message) => message.id === messageId && message.turnId !== undefined);
    if (known && status !== "running" && status !== "waiting")
      await send(outgoing({ id: newId(), content: text, attachments, replaces: messageId }));
  }

  /** Has a turn's message answered anew, in place of its answer and all that followed. */
  async function regenerate(turnId: number): Promise<void> {
    const asked = view.getState().messages.find((message) => message.role === "user" && message.turnId === turnId);
    if (asked) await editMessage(asked.id, asked.content, asked.attachments);
  }

  /** Sends the last message once more: under its own id where it never arrived, else as a new one. */
  async function retry(): Promise<void> {
    const last = view.getState().messages.findLast((message) => message.role === "user");
    if (!last) return;
    await (last.status === "unsent"
      ? send(outgoing(last))
      : sendMessage(last.content, { attachments: last.attachments }));
  }

  return {
    sendMessage,
    editMessage,
    regenerate,
    retry,
    release,
    withdraw,
    refused,
    accepted,
    restore,
    onTurnEnd,
    giveUpStopped: (messageId: string) => giveUp(messageId, STOPPED),
  };
}

/** A message of the chat as it is sent. */
function outgoing(message: Pick<ChatMessage, "id" | "content" | "attachments" | "replaces">): OutgoingMessage {
  const { id, content: text, attachments = [], replaces } = message;
  return { id, text, ...(attachments.length > 0 ? { attachments } : {}), ...(replaces ? { replaces } : {}) };
}

const STOPPED: ChatError = { code: "stopped", message: "Stopped before the message was accepted.", retryable: true };

function notSaved(reason: unknown): ChatError {
  const why = reason instanceof Error ? reason.message : asApiError(reason).message;
  const message = `Your changes could not be saved, so the message was not sent. ${why}`;
  return { code: "not_saved", message, retryable: true };
}
