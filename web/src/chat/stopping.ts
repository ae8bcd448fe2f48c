import type { ConnectionStatus } from "./connection";
import type { ChatContext } from "./context";
import type { Following } from "./following";

/** How long a cancelled turn may take to say so before the history is read instead. */
const CANCEL_PATIENCE_MS = 10_000;

interface StoppingHooks {
  following: Following;
  reload(): Promise<void>;
  /** Follows the turn that has waited. */
  goOn(): void;
  /** The message was stopped before anybody had answered it. */
  giveUp(messageId: string): void;
}

/** Stops what is being sent or answered. */
export function createStopping(chat: ChatContext, { following, reload, goOn, giveUp }: StoppingHooks) {
  const { view } = chat;
  let asked = false;
  const isCancelling = () => view.getState().cancelling;
  const unanswered = () => view.getState().messages.find((message) => message.status === "sending");

  /** Asks the server to stop the running turn; what was shown stays. */
  async function cancel(): Promise<void> {
    if (view.getState().status === "waiting") return stopWaiting();
    if (view.getState().status !== "running") return;
    asked = false;
    view.setState({ cancelling: true });
    // A turn that is about to begin is stopped when it does: it may have been accepted already.
    if (!unanswered()) return request();
    if (view.getState().retryAt !== null) return giveUpUnanswered();
    const { visit } = chat;
    await chat.clock.wait(CANCEL_PATIENCE_MS, visit);
    if (!visit.aborted) giveUpUnanswered();
  }

  /** Refuses all that a waiting turn asks for; it then ends by itself. */
  async function stopWaiting(): Promise<void> {
    const { sessionId } = view.getState();
    if (!sessionId || isCancelling()) return;
    const { visit } = chat;
    view.setState({ cancelling: true });
    try {
      await chat.api.cancel(sessionId);
      if (visit.aborted) return;
      asked = true;
      goOn();
      view.setState({ cancelling: true });
    } catch (reason) {
      if (visit.aborted) return;
      view.setState({ cancelling: false });
      chat.fail(reason);
    }
  }

  async function request(): Promise<void> {
    following.flush();
    const { sessionId } = view.getState();
    if (!sessionId || asked) return;
    asked = true;
    const { visit } = chat;
    try {
      await chat.api.cancel(sessionId);
      await chat.clock.wait(CANCEL_PATIENCE_MS, visit);
      if (visit.aborted || !isCancelling()) return;
      following.leave();
      await reload();
    } catch (reason) {
      view.setState({ cancelling: false });
      chat.fail(reason);
    }
  }

  /** Ends the attempts to send a message that was stopped. */
  function giveUpUnanswered(): void {
    const message = unanswered();
    if (!message || !isCancelling()) return;
    following.leave();
    giveUp(message.id);
  }

  return {
    cancel,
    /** The turn that is to be stopped may have begun. */
    onArrival(): void {
      if (isCancelling()) void request();
    },
    /** Nobody has answered yet, and nobody is to be asked again. */
    onStatus(status: ConnectionStatus): void {
      if (status === "reconnecting" || status === "offline" || status === "busy") giveUpUnanswered();
    },
  };
}
