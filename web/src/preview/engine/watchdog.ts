const TICK_MS = 1000;
const PATIENCE = 4;

/** Notices that the frame has stopped to answer, and that it answers again. By timers, which run in hidden tabs too. */
export class Watchdog {
  #sent = 0;
  #answered = 0;
  #held = false;
  #silent = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly ping: (count: number) => void,
    private readonly onSilence: (silent: boolean) => void,
  ) {}

  start(): void {
    this.stop();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#sent = 0;
    this.#answered = 0;
    this.#held = false;
    this.#silent = false;
  }

  answered(count: number): void {
    if (count > this.#sent) return;
    this.#answered = Math.max(this.#answered, count);
    this.#tell(false);
  }

  /** A dialog holds the app: it cannot answer, and nothing is wrong. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.#answered = this.#sent;
  }

  #tick(): void {
    if (this.#held) return;
    if (this.#sent - this.#answered >= PATIENCE) this.#tell(true);
    this.ping(++this.#sent);
  }

  #tell(silent: boolean): void {
    if (silent === this.#silent) return;
    this.#silent = silent;
    this.onSilence(silent);
  }
}
