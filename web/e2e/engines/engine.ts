/** What the flows need of a browser, whichever protocol it is driven by. */
export interface Engine {
  name: string;
  open(url: string): Promise<void>;
  reload(): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** The value of a function in the page; it is sent as its source, so it sees its arguments alone. */
  run<Args extends unknown[], Value>(inPage: (...args: Args) => Value, ...args: Args): Promise<Value>;
  /** The same in the document of the frame that matches the selector, of whatever origin. */
  runInFrame<Args extends unknown[], Value>(
    frame: string,
    inFrame: (...args: Args) => Value,
    ...args: Args
  ): Promise<Value>;
  /** A real click in the middle of the element; with `frame`, of one inside of that frame. */
  click(selector: string, frame?: string): Promise<void>;
  /** Real key presses into the element; "\n" is Enter. */
  type(selector: string, text: string): Promise<void>;
  screenshot(path: string): Promise<void>;
  /** What the page complained about since it was last asked: errors in its console, and those that nobody caught. */
  complaints(): Promise<string[]>;
  close(): Promise<void>;
}
