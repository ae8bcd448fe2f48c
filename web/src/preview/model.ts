/** The words of the preview: what the frame tells, and what is kept of it. */

/** Where in an app's file something is; lines and columns from 1. */
export interface Location {
  path: string;
  line: number;
  column?: number;
}

export type ConsoleLevel = "debug" | "log" | "info" | "warn" | "error";

/** A line of the app's console. */
export interface ConsoleEntry {
  id: number;
  level: ConsoleLevel;
  /** Each argument as text, one after the other. */
  text: string;
  /** Where in the app it was said; absent where the stack names no file of the app. */
  at?: Location;
  /** The lines of a stack that belong to the app. */
  stack?: { text: string; at?: Location }[];
  /** How often the same line came in a row. */
  count: number;
}

export type ProblemKind =
  /** A file that is not valid: the running app stays. */
  | "syntax"
  /** A package or file that is not there. */
  | "missing"
  /** Thrown while the modules were loaded, while a component was rendered, in an event, or in a promise. */
  | "import"
  | "render"
  | "event"
  | "promise"
  /** The frame does not answer: most likely an endless loop. */
  | "unresponsive";

/** What is wrong with the app right now, in words for the vendor. */
export interface Problem {
  kind: ProblemKind;
  message: string;
  at?: Location;
  stack?: { text: string; at?: Location }[];
  /** Of "missing": the package that is not there. */
  packageName?: string;
}

/** An element that the vendor has picked in the running app. */
export interface PickedElement {
  /** The nearest component, e.g. "TodoItem"; the tag where there is none. */
  component: string;
  text: string;
  at?: Location;
}

export type PreviewStatus =
  /** The engine or the app's packages are on their way. */
  | "loading"
  | "running"
  /** Nothing to run: no entry file. */
  | "empty"
  | "unresponsive"
  | "stopped";

/** What the frame is told by its owner of one app. */
export interface PreviewListener {
  onStatus(status: PreviewStatus): void;
  /** The app has painted what it was last given. */
  onPainted(): void;
  onConsole(entry: Omit<ConsoleEntry, "id" | "count">): void;
  onProblem(problem: Problem | null): void;
  onRoute(route: { path: string; canGoBack: boolean; canGoForward: boolean }): void;
  onPicked(element: PickedElement): void;
  /** Picking was ended from inside the frame, by Esc. */
  onPickingEnded(): void;
}

/** A file that is no text, as an address that needs no server. */
export interface Asset {
  url: string;
}

/** The files of an app by path: texts, and what is no text. */
export type AppFiles = ReadonlyMap<string, string | Asset>;

/** A running app in a frame. */
export interface Preview {
  /** The files as they are now; what differs from before is updated in place. */
  update(files: AppFiles): void;
  /** Loads the app anew in a fresh document at its present route. */
  reload(): void;
  /** Ends the frame's process, e.g. in an endless loop, until `reload`. */
  stop(): void;
  go(path: string): void;
  back(): void;
  forward(): void;
  pick(on: boolean): void;
  /** The app as it looks with the files that it was last given. Throws where it cannot be photographed. */
  photograph(): Promise<Blob>;
  /** Shows the app alone in a tab of its own, which follows the files too. */
  openInTab(): void;
  dispose(): void;
}
