/** What the page and the preview's frame say to each other. Both sides check what they are told. */

/** What an import of an app leads to. */
export type Target =
  | { kind: "module"; id: string }
  /** A package of the list; of lucide-react, the icons that are needed, or null for all. */
  | { kind: "package"; name: string; icons: string[] | null }
  | { kind: "missing"; message: string };

export interface Dependency {
  specifier: string;
  target: Target;
  /** By `import()`: loaded when the app asks for it. */
  dynamic: boolean;
}

/** A file of the app, or a view of one (`logo.svg?raw`), as a CommonJS module. */
export interface AppModule {
  id: string;
  code: string;
  /** The style sheet that comes with it. */
  css: string | null;
  dependencies: Dependency[];
}

/** What the app's document begins with. */
export interface AppDocument {
  html: string;
  /** In the order in which they run: modules by id, classic scripts by their text. */
  scripts: ({ kind: "module"; id: string } | { kind: "classic"; path: string; code: string })[];
  tailwind: boolean;
}

export type StorageArea = "local" | "session";

/** Where the app has been, for back and forward. */
export interface Visits {
  entries: string[];
  index: number;
}

export type ToFrame =
  | {
      type: "start";
      nonce: string;
      /** Numbers what the frame is given; errors name the one that they are of. */
      build: number;
      document: AppDocument;
      modules: AppModule[];
      /** Files that an app may ask for by address: as text, or as a data URL. */
      assets: [path: string, text: string][];
      visits: Visits;
      storage: Record<StorageArea, [key: string, value: string][]>;
    }
  | {
      type: "update";
      nonce: string;
      build: number;
      modules: AppModule[];
      removed: string[];
      /** Null where they are as before: they may be large. */
      assets: [path: string, text: string][] | null;
    }
  | { type: "ping"; nonce: string; count: number }
  | { type: "go"; nonce: string; path: string }
  | { type: "travel"; nonce: string; by: number }
  | { type: "pick"; nonce: string; on: boolean }
  | { type: "photograph"; nonce: string; count: number };

export type ErrorKind = "import" | "render" | "event" | "promise" | "unresponsive";

export type FromFrame =
  | { type: "painted" }
  | { type: "console"; level: "debug" | "log" | "info" | "warn" | "error"; text: string; stack: string }
  | { type: "error"; build: number; kind: ErrorKind; message: string; stack: string }
  | ({ type: "visits" } & Visits)
  | { type: "storage"; area: StorageArea; changes: [key: string, value: string | null][] }
  | { type: "picked"; component: string; text: string; stack: string }
  | { type: "pickingEnded" }
  | { type: "pong"; count: number }
  /** Null where the app cannot be photographed. */
  | { type: "photographed"; count: number; picture: Blob | null }
  /** A dialog of the browser holds the app, or no longer does. */
  | { type: "modal"; open: boolean }
  /** The change cannot be made in place, or the app went to another document. */
  | { type: "reload" };

/** What the frame sends first, before it has a nonce. */
export const HELLO = "aicode-preview-hello";

export const LIMITS = {
  argument: 8_000,
  call: 64_000,
  stack: 16_000,
  path: 2_000,
  visits: 50,
  storage: 1_000_000,
  text: 200,
  /** Of a picture of the app, in bytes. */
  picture: 500_000,
};

/** True if the imports of both lead to the same. */
export function sameTargets(one: AppModule, other: AppModule): boolean {
  return JSON.stringify(one.dependencies) === JSON.stringify(other.dependencies);
}

/**
 * What stands before a module's code, on its first line: stacks then name the lines of the app's files.
 * The code has a function of its own, in which it may declare these names anew.
 */
export function moduleHeader(code: string): string {
  const kind = /\bawait\b/.test(code) ? "async function" : "function";
  const given = "require,module,exports,import_meta,import_module,import_local,import_tick,location,import_location";
  return `(function(${given}){return ${kind}(){`;
}

export const MODULE_END = "\n}})";
