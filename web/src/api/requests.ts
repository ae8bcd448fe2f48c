import { createStore } from "zustand/vanilla";
import { BUSY_ATTEMPTS, busyBackOff, type Clock } from "./clock";
import { ApiError, asApiError } from "./errors";

export type Fetch = typeof globalThis.fetch;

/** What keeps requests from being answered. */
export interface Trouble {
  /** The sign-in has run out; nothing is answered until somebody signs in again. */
  signedOut: boolean;
  /** Requests that wait for a free place. */
  waiting: number;
}

export interface RequestOptions {
  fetcher: Fetch;
  clock: Clock;
  /** Where a sign-in is made to last longer without asking anybody. */
  renew?: string | undefined;
}

/**
 * Requests that are made again where that cannot do harm: after the sign-in was renewed, when there is a free place
 * for a request that nobody has looked at, and once more for a reading that was lost between here and the server.
 */
export function createRequests({ fetcher, clock, renew }: RequestOptions) {
  const trouble = createStore<Trouble>(() => ({ signedOut: false, waiting: 0 }));
  let renewal: Promise<ApiError | null> | null = null;

  /** One renewal for all requests that need it at the time; gives what is in its way. */
  function renewed(): Promise<ApiError | null> {
    renewal ??= once(renew ?? "", { method: "POST" })
      .then(
        (answer) => (answer instanceof Response ? null : answer),
        (reason) => asApiError(reason),
      )
      .finally(() => {
        renewal = null;
      });
    return renewal;
  }

  async function once(path: string, init: RequestInit): Promise<Response | ApiError> {
    let response: Response;
    try {
      response = await fetcher(path, { credentials: "include", ...init });
    } catch (reason) {
      if (init.signal?.aborted) throw reason;
      throw asApiError(reason);
    }
    return response.ok ? response : ApiError.fromResponse(response);
  }

  /** The answer, or an ApiError. Impatient, it leaves it to its caller to ask a busy server again. */
  async function send(path: string, init: RequestInit = {}, patient = true): Promise<Response> {
    let mayRenew = true;
    for (let attempt = 0; ; ) {
      let answer = await once(path, init);
      if (answer instanceof Response) return answer;
      if (answer.status === 401 && renew && mayRenew) {
        const refusal = await renewed();
        mayRenew = refusal !== null;
        if (!refusal) continue;
        answer = refusal;
      }
      if (answer.status === 401) trouble.setState({ signedOut: true });
      const busy = answer.code === "busy" && attempt + 1 < BUSY_ATTEMPTS;
      const lost = answer.code === "unavailable" && attempt === 0 && init.method === undefined;
      if (!patient || !(busy || lost)) throw answer;
      if (busy) trouble.setState(({ waiting }) => ({ waiting: waiting + 1 }));
      await clock.wait(answer.retryAfterMs ?? busyBackOff(attempt, clock));
      if (busy) trouble.setState(({ waiting }) => ({ waiting: waiting - 1 }));
      attempt += 1;
    }
  }

  return { send, trouble };
}
