import { type ApiError, asApiError } from "../api/errors";
import type { Session } from "../api/types";
import { tellEnd, tellWaiting } from "./callbacks";
import type { ChatContext } from "./context";
import { type ChatState, openRequests } from "./model";
import { ofSession } from "./sessions";

interface OpeningHooks {
  /** Stops reading what is read. */
  leave(): void;
  /** Reads the running turn of the open session. */
  attach(): Promise<void>;
  /** Follows the turn that has waited. */
  goOn(): void;
  refused(error: ApiError): void;
  /** Another session is open now, or none. */
  onOpened(): void;
}

/** Reads stored sessions into the chat. */
export function createOpening(chat: ChatContext, { leave, attach, goOn, refused, onOpened }: OpeningHooks) {
  const { view, dispatch } = chat;

  /** Opens a session; null begins a new one. */
  async function open(sessionId: string | null): Promise<void> {
    leave();
    dispatch({ type: "cleared" });
    view.setState({ loading: sessionId !== null, queue: [], held: null });
    if (!sessionId) return onOpened();
    const { visit } = chat;
    try {
      const session = await chat.readSession(sessionId);
      if (visit.aborted) return;
      dispatch({ type: "opened", session });
      view.setState({ loading: false });
      onOpened();
      tellWaiting(chat.callbacks, view.getState());
      if (session.status === "running") void attach();
    } catch (reason) {
      if (visit.aborted) return;
      view.setState({ loading: false });
      chat.fail(reason);
    }
  }

  /** The session as it is stored, in place of what is shown; until its turn has ended. */
  async function reload(): Promise<void> {
    const { sessionId } = view.getState();
    if (!sessionId) return;
    const { visit } = chat;
    try {
      const session = await chat.readSession(sessionId);
      if (visit.aborted) return;
      const following = view.getState().turn?.turnId === session.messages.at(-1)?.turnId;
      if (session.status === "interrupted" && following) dispatch({ type: "interrupted", at: chat.clock.now() });
      else dispatch({ type: "opened", session });
      const last = view.getState().messages.at(-1);
      if (session.status === "waiting") return tellWaiting(chat.callbacks, view.getState());
      if (session.status !== "running") {
        if (last) tellEnd(chat.callbacks, view.getState(), last);
        return;
      }
    } catch (reason) {
      if (visit.aborted) return;
      const error = asApiError(reason);
      if (!error.retryable) return refused(error);
    }
    await chat.clock.wait(1000, visit);
    if (!visit.aborted) await attach();
  }

  /** Brings an idle chat up to date with what was done to its session elsewhere. */
  async function lookAgain(): Promise<void> {
    const { sessionId, status, messages, loading } = view.getState();
    if (!sessionId || loading || status === "running") return;
    const { visit } = chat;
    const still = () => !visit.aborted && view.getState().messages === messages;
    try {
      const session = await chat.readSession(sessionId);
      if (!still()) return;
      const latest = messages.findLast((message) => message.turnId !== undefined)?.turnId;
      if (session.messages.at(-1)?.turnId === latest) {
        // Answered elsewhere: what has come since follows what is shown.
        if (status === "waiting" && session.status !== "waiting") return goOn();
        if (session.status === status && isSameWait(session, view.getState())) return;
      }
      dispatch({ type: "opened", session });
      if (session.status === "running") void attach();
    } catch (reason) {
      // A server that cannot be reached is a matter for the next message.
      if (still() && !asApiError(reason).retryable) chat.fail(reason);
    }
  }

  /** What was asked from elsewhere, beside the answer that is being followed here. */
  async function recall(): Promise<void> {
    const { sessionId } = view.getState();
    try {
      const session = sessionId && (await chat.readSession(sessionId));
      if (session && view.getState().sessionId === sessionId) dispatch({ type: "recalled", session });
    } catch {
      // The answer is of use without its question, which comes with the next reload.
    }
  }

  async function loadEarlier(): Promise<void> {
    const { sessionId, oldestId } = view.getState();
    if (!sessionId || !oldestId) return;
    try {
      const page = await chat.readSession(sessionId, oldestId);
      if (view.getState().sessionId === sessionId) dispatch({ type: "earlier", session: page });
    } catch (reason) {
      chat.fail(reason);
    }
  }

  /** Deletes the open session; false where that failed. */
  async function remove(): Promise<boolean> {
    const { sessionId } = view.getState();
    try {
      if (sessionId) await chat.api.deleteSession(sessionId);
    } catch (reason) {
      if (ofSession(asApiError(reason)).code !== "session_gone") {
        chat.fail(reason);
        return false;
      }
    }
    leave();
    dispatch({ type: "cleared" });
    return true;
  }

  return { open, reload, lookAgain, recall, loadEarlier, remove };
}

/** True where the session waits for the very things that are shown as open, or for nothing. */
function isSameWait({ pendingApprovals }: Session, shown: ChatState): boolean {
  const open = openRequests(shown);
  return open.length === pendingApprovals.length && open.every(({ id }, at) => pendingApprovals[at]?.approvalId === id);
}
