/** Time and chance, as the page's waiting needs them. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or as soon as `signal` is aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  random(): number;
  /** False where the machine knows that it has no network. */
  online(): boolean;
}

export const realClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  online: () => navigator.onLine,
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    }),
};

const BACK_OFF_MS = [500, 1000, 2000, 4000, 8000];

/** How long to wait before another try, after so many. */
export function backOff(attempt: number, clock: Clock, spread = 0.15): number {
  const base = BACK_OFF_MS[attempt] ?? 8000;
  return base * (1 - spread + 2 * spread * clock.random());
}

/** A request for which nobody was free is made so often before its sender is told. */
export const BUSY_ATTEMPTS = 7;

/** The same where many wait for one free place: they must not come back together. */
export function busyBackOff(attempt: number, clock: Clock): number {
  return backOff(attempt, clock, 0.5);
}
