import type { StoreApi } from "zustand";
import { createStore } from "zustand/vanilla";
import type { Memory } from "../ui/storage";
import { createConsoleLog } from "./consoleLog";
import type { ConsoleEntry, Preview, PreviewListener, PreviewStatus, Problem, ProblemKind } from "./model";

/** How wide the frame is: as its pane, or as a screen of that kind. */
export type Device = "fit" | "desktop" | "tablet" | "phone";

export interface PreviewState {
  status: PreviewStatus;
  /** The app has shown something since it was last loaded. */
  painted: boolean;
  problem: Problem | null;
  /** The vendor has put the present problem out of sight. */
  dismissed: boolean;
  entries: readonly ConsoleEntry[];
  /** Lines of the level "error" since the app last changed. */
  errors: number;
  route: { path: string; canGoBack: boolean; canGoForward: boolean };
  device: Device;
  picking: boolean;
  consoleOpen: boolean;
  /** An error that Claude has left is sent back to it once, without being asked. */
  autoFix: boolean;
}

export interface PreviewStore {
  view: StoreApi<PreviewState>;
  /** What the running app tells. */
  listener: PreviewListener;
  /** The running app, or null where it is gone. */
  hold(preview: Preview | null): void;
  /** True where an app runs that has painted something. */
  isOpen(): boolean;
  /** How the app looks, and the last lines of its console; null where none is open. */
  photograph(): Promise<{ picture: Blob; console: string[] } | null>;
  /** The app was given other files: earlier errors no longer count. */
  changed(): void;
  /** The app starts from nothing. */
  restarted(): void;
  dismiss(): void;
  /** The console up to this moment. */
  readConsole(): readonly ConsoleEntry[];
  clearConsole(): void;
  showConsole(open: boolean): void;
  setDevice(device: Device): void;
  setPicking(on: boolean): void;
  setAutoFix(on: boolean): void;
}

const CONSOLE_KEY = "preview-console";
const AUTO_FIX_KEY = "preview-auto-fix";
const THROWN: ReadonlySet<ProblemKind> = new Set(["import", "render", "event", "promise"]);
/** Of the console, what goes along with a picture: so many lines of so many characters. */
const SEEN_LINES = 20;
const SEEN_LENGTH = 500;
const START = { path: "/", canGoBack: false, canGoForward: false };

/** What is known of the running app: its state, its problem, its console, and how it is looked at. */
export function createPreviewStore({ memory }: { memory: Memory }): PreviewStore {
  const view = createStore<PreviewState>(() => ({
    status: "loading",
    painted: false,
    problem: null,
    dismissed: false,
    entries: [],
    errors: 0,
    route: START,
    device: "fit",
    picking: false,
    consoleOpen: memory.getItem(CONSOLE_KEY) === "open",
    autoFix: memory.getItem(AUTO_FIX_KEY) === "on",
  }));
  let held: Preview | null = null;
  const log = createConsoleLog((entries, errors) => view.setState({ entries, errors }));

  return {
    view,
    listener: {
      onStatus: (status) => view.setState({ status }),
      onPainted: () => view.setState({ painted: true }),
      onConsole: log.add,
      onProblem(problem) {
        const before = view.getState();
        // What was thrown stands in the console too, as in a browser's; told again, it is not thrown again.
        if (problem && problem !== before.problem && THROWN.has(problem.kind)) {
          const { message, at, stack } = problem;
          log.add({ level: "error", text: message, at, stack });
        }
        view.setState({
          problem,
          dismissed: before.dismissed && isSame(problem, before.problem),
          // Of an app that failed there, nothing is left on the screen.
          painted: before.painted && problem?.kind !== "render" && problem?.kind !== "import",
        });
      },
      onRoute: (route) => view.setState({ route }),
      onPicked: () => view.setState({ picking: false }),
      onPickingEnded: () => view.setState({ picking: false }),
    },
    hold(preview) {
      held = preview;
    },
    isOpen: () => held !== null && view.getState().painted,
    async photograph() {
      const picture = await held?.photograph();
      if (!picture) return null;
      log.publish();
      const { entries, problem } = view.getState();
      const lines = entries.map(lineOf);
      // What could not be built has not come to the console.
      if (problem && !THROWN.has(problem.kind))
        lines.push(lineOf({ level: "error", count: 1, id: 0, ...problem, text: problem.message }));
      return { picture, console: lines.slice(-SEEN_LINES) };
    },
    changed: log.forgetErrors,
    restarted() {
      log.clear();
      view.setState({ status: "loading", painted: false, problem: null, dismissed: false, picking: false });
    },
    dismiss: () => view.setState({ dismissed: true }),
    readConsole() {
      log.publish();
      return view.getState().entries;
    },
    clearConsole: log.clear,
    showConsole(consoleOpen) {
      memory.setItem(CONSOLE_KEY, consoleOpen ? "open" : "closed");
      view.setState({ consoleOpen });
    },
    setDevice: (device) => view.setState({ device }),
    setPicking: (picking) => view.setState({ picking }),
    setAutoFix(autoFix) {
      memory.setItem(AUTO_FIX_KEY, autoFix ? "on" : "off");
      view.setState({ autoFix });
    },
  };
}

function lineOf({ level, text, at, count }: ConsoleEntry): string {
  const place = at ? ` (${at.path}:${at.line})` : "";
  return `${level}: ${text.slice(0, SEEN_LENGTH)}${count > 1 ? ` (${count} times)` : ""}${place}`;
}

function isSame(one: Problem | null, other: Problem | null): boolean {
  return one?.kind === other?.kind && one?.message === other?.message && one?.at?.path === other?.at?.path;
}

/** How many errors the app has at present, for a badge. */
export function errorCount({ errors, problem }: PreviewState): number {
  return Math.max(errors, problem ? 1 : 0);
}
