/** A frame that has not painted by then is photographed as it is, and one that gives no picture by then has none. In ms. */
const PAINT_WITHIN = 3000;
const TAKE_WITHIN = 10_000;

interface Waiting {
  resolve(picture: Blob): void;
  reject(reason: Error): void;
}

/** The pictures that a frame is asked for, until they come. */
export class Photographs {
  #count = 0;
  readonly #waiting = new Map<number, Waiting>();
  #onPaint: (() => void)[] = [];

  /** Resolves with the next paint, or when that takes too long. */
  nextPaint(): Promise<void> {
    return new Promise((resolve) => {
      this.#onPaint.push(resolve);
      setTimeout(resolve, PAINT_WITHIN);
    });
  }

  painted(): void {
    for (const resolve of this.#onPaint) resolve();
    this.#onPaint = [];
  }

  /** Asks for a picture under a number of its own. */
  async take(ask: (count: number) => void): Promise<Blob> {
    const count = ++this.#count;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise<Blob>((resolve, reject) => {
        this.#waiting.set(count, { resolve, reject });
        timer = setTimeout(() => reject(new Error("The preview did not give a picture in time.")), TAKE_WITHIN);
        ask(count);
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(count);
    }
  }

  taken(count: number, picture: Blob | null): void {
    const waiting = this.#waiting.get(count);
    if (picture) waiting?.resolve(picture);
    else waiting?.reject(new Error("The preview could not be photographed."));
  }
}
