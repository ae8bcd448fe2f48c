import { ApiError } from "../api/errors";
import type { LoggedEvent } from "../api/types";
import { tell, tellResumed, tellWriting } from "./callbacks";
import type { ConnectionStatus, Opening, Outcome, TurnConnection } from "./connection";
import type { ChatContext } from "./context";

export interface FollowingHooks {
  /** Runs `flush` soon, once per frame. */
  schedule(flush: () => void): void;
  onStatus(status: ConnectionStatus): void;
  /** Events have arrived, but are not shown yet. */
  onArrival(): void;
  /** An event is shown now. */
  onShown(logged: LoggedEvent): void;
}

/** The reading of streams, which the page itself is there without. */
export const importConnection = () => import("./connection");

export type Following = ReturnType<typeof createFollowing>;

/** Reads the stream of one turn at a time into the chat, once per frame. */
export function createFollowing(chat: ChatContext, hooks: FollowingHooks) {
  const { view } = chat;
  let connection: TurnConnection | null = null;
  let arrived: LoggedEvent[] = [];

  function flush(): void {
    const events = arrived;
    if (events.length === 0) return;
    arrived = [];
    const before = view.getState();
    chat.dispatch({ type: "events", events, at: chat.clock.now() });
    tellWriting(chat.callbacks, before, view.getState());
    if (before.status === "waiting") tellResumed(chat.callbacks, view.getState());
    for (const logged of events) {
      hooks.onShown(logged);
      tell(chat.callbacks, view.getState(), logged);
    }
  }

  /** Stops reading; the turn goes on. */
  function leave(): void {
    connection?.close();
    connection = null;
    arrived = [];
    chat.nextVisit();
    view.setState({ connection: "idle", retryAt: null, cancelling: false });
  }

  async function follow(opening: Opening): Promise<Outcome> {
    leave();
    const { visit } = chat;
    view.setState({ connection: "connecting" });
    const reading = await importConnection().catch(() => null);
    if (visit.aborted) return { kind: "aborted" };
    if (!reading) {
      view.setState({ connection: "idle" });
      return { kind: "refused", error: new ApiError(0, "network") };
    }
    const mine = new reading.TurnConnection(
      chat.api,
      {
        onStatus: (status, retryAt) => {
          if (visit.aborted) return;
          view.setState({ connection: status, retryAt });
          hooks.onStatus(status);
        },
        onEvents: (events) => {
          if (arrived.length === 0) hooks.schedule(flush);
          arrived.push(...events);
          hooks.onArrival();
        },
        position: () => {
          flush();
          const { sessionId, turn } = view.getState();
          return { sessionId, lastEventId: turn && `${turn.turnId}-${turn.seq}` };
        },
      },
      chat.clock,
    );
    connection = mine;
    const outcome = await mine.follow(opening);
    if (visit.aborted) return { kind: "aborted" };
    flush();
    connection = null;
    view.setState({ cancelling: false });
    return outcome;
  }

  return {
    follow,
    leave,
    flush,
    /** Ends the waiting between two attempts; false where nothing is being followed. */
    retryNow(): boolean {
      connection?.retryNow();
      return connection !== null;
    },
  };
}
