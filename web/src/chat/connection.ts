import type { Api, TurnRequest } from "../api/client";
import { BUSY_ATTEMPTS, backOff, busyBackOff, type Clock, realClock } from "../api/clock";
import { ApiError } from "../api/errors";
import { RECONNECT, readEvents } from "../api/sse";
import { type LoggedEvent, TERMINAL_TYPES } from "../api/types";

/** How often a machine that says it is offline is not believed. */
const OFFLINE_MS = 8000;
/** A message that nobody answered is offered for another try by hand after so many tries. */
const POST_ATTEMPTS = 5;

export type Opening = { kind: "post"; turn: TurnRequest } | { kind: "stream"; continue?: boolean };

export type ConnectionStatus = "idle" | "connecting" | "open" | "reconnecting" | "offline" | "busy";

export interface ConnectionListener {
  onStatus(status: ConnectionStatus, retryAt: number | null): void;
  /** Events as they arrive; a connection that ends has handed over all of its events before. */
  onEvents(events: LoggedEvent[]): void;
  /** Where to take up the stream again: the session, and the last event that was handed over. */
  position(): { sessionId: string | null; lastEventId: string | null };
}

export type Outcome =
  | { kind: "ended" }
  /** The turn waits for the vendor; until that is answered there is nothing to follow. */
  | { kind: "waiting" }
  /** No turn is running and nothing was missed. */
  | { kind: "nothing" }
  | { kind: "refused"; error: ApiError }
  | { kind: "aborted" };

/**
 * Follows one turn to its terminal event over as many connections as that takes: a dropped one is
 * taken up again with the last event's id after a back-off, a handed-over turn or one whose stream says so at
 * once, and a message that was never answered, or for which nobody was free, is posted again under its own id,
 * which cannot make a second turn.
 * While the machine is offline, tries do not count.
 */
export class TurnConnection {
  #abort = new AbortController();
  #hurry = new AbortController();

  constructor(
    private readonly api: Api,
    private readonly listener: ConnectionListener,
    private readonly clock: Clock = realClock,
  ) {}

  /** Stops reading. The turn itself goes on. */
  close(): void {
    this.#abort.abort();
  }

  /** Ends the waiting between two attempts. */
  retryNow(): void {
    this.#hurry.abort();
  }

  async follow(opening: Opening): Promise<Outcome> {
    let next = opening;
    let attempt = 0;
    let delay: number | undefined;
    let busy = false;
    let last = "";
    const onComment = (comment: string) => {
      if (comment === RECONNECT) delay = 0;
    };
    this.listener.onStatus("connecting", null);
    for (;;) {
      try {
        const response = await this.#open(next);
        if (response.status === 204 || !response.body) return this.#finish({ kind: "nothing" });
        this.listener.onStatus("open", null);
        for await (const events of readEvents(response.body, undefined, onComment)) {
          if (this.#abort.signal.aborted) return { kind: "aborted" };
          this.listener.onEvents(events);
          next = { kind: "stream" };
          attempt = 0;
          last = events.at(-1)?.event.type ?? "";
          if (TERMINAL_TYPES.has(last)) return this.#finish({ kind: "ended" });
          if (last === "turn_handover") delay = 0;
        }
        // Only at the end of the stream: in what is read again, the turn may have gone on since.
        if (last === "turn_waiting") return this.#finish({ kind: "waiting" });
      } catch (reason) {
        if (this.#abort.signal.aborted) return { kind: "aborted" };
        if (reason instanceof ApiError) {
          // A message for whose stream there is no room has been accepted before.
          const accepted = next.kind === "stream" || reason.code === "too_many_streams";
          busy = reason.code === "busy";
          const triesLeft = attempt + 1 < (busy ? BUSY_ATTEMPTS : POST_ATTEMPTS) || !this.clock.online();
          const worthIt = accepted || ((busy || reason.status === 0) && triesLeft);
          if (!reason.retryable || !worthIt) {
            return this.#finish({ kind: "refused", error: reason });
          }
          delay = reason.retryAfterMs;
        }
      }
      if (this.#abort.signal.aborted) return { kind: "aborted" };
      await this.#pause(delay ?? this.#backOff(attempt, busy), busy);
      // Back online, it begins anew with short waits.
      attempt = this.clock.online() ? attempt + 1 : 0;
      delay = undefined;
      busy = false;
      if (this.#abort.signal.aborted) return { kind: "aborted" };
    }
  }

  async #open(opening: Opening): Promise<Response> {
    const { signal } = this.#abort;
    if (opening.kind === "post") return this.api.postMessage(opening.turn, signal);
    const { sessionId, lastEventId } = this.listener.position();
    if (!sessionId) throw new ApiError(404, "not_found");
    return this.api.openStream({ sessionId, lastEventId, continue: opening.continue ?? false }, signal);
  }

  async #pause(ms: number, busy: boolean): Promise<void> {
    if (ms === 0) return;
    const status = busy ? "busy" : this.clock.online() ? "reconnecting" : "offline";
    this.listener.onStatus(status, this.clock.now() + ms);
    this.#hurry = new AbortController();
    await this.clock.wait(ms, AbortSignal.any([this.#abort.signal, this.#hurry.signal]));
  }

  #backOff(attempt: number, busy: boolean): number {
    if (!this.clock.online()) return OFFLINE_MS;
    return (busy ? busyBackOff : backOff)(attempt, this.clock);
  }

  #finish(outcome: Outcome): Outcome {
    this.listener.onStatus("idle", null);
    return outcome;
  }
}
