import { realClock } from "./clock";
import { asApiError } from "./errors";
import { createRequests, type Fetch } from "./requests";
import type {
  App,
  ApprovalAnswer,
  Budget,
  Checkpoint,
  FileDiff,
  FileEntry,
  FileWithContent,
  FileWithMaybeContent,
  NewUpload,
  RulesState,
  Session,
  SessionSummary,
  Upload,
} from "./types";

export interface Config {
  basePath: string;
  appsPath: string;
  /** Which parts of this deployment are stand-ins; empty in production. */
  demo: { model?: boolean; search?: boolean; store?: boolean };
  vendor?: string;
  /** Where one signs in, out, and stays signed in; absent where the product around this page sees to that. */
  signIn?: string;
  signOut?: string;
  renew?: string;
}

export interface TurnRequest {
  message: string;
  appId: string;
  sessionId?: string;
  messageId: string;
  /** The ids of the uploads that go along. */
  attachments?: string[];
  /** The page shows the running app, which can be looked at. */
  preview?: boolean;
  /** The vendor's message from before which the conversation goes on, in place of it and all that followed. */
  replaces?: string;
}

export interface StreamRequest {
  sessionId: string;
  lastEventId: string | null;
  /** Takes up an interrupted turn again. */
  continue?: boolean;
}

/** What a file is made of: a text, or bytes of a type that may be given. */
export type NewContent = { content: string } | { contentBase64: string; mediaType?: string };

export const DEFAULT_CONFIG: Config = { basePath: "/api/vendor/ai-chat-v2", appsPath: "/api/vendor/apps", demo: {} };

/** What this deployment is made of; the defaults where `/config.json` says nothing. */
export async function loadConfig(fetcher: Fetch = fetch): Promise<Config> {
  try {
    const response = await fetcher("/config.json", { credentials: "include", cache: "no-cache" });
    if (!response.ok) return DEFAULT_CONFIG;
    const given = (await response.json()) as Partial<Config> | null;
    return { ...DEFAULT_CONFIG, ...given, demo: given?.demo ?? {} };
  } catch {
    return DEFAULT_CONFIG;
  }
}

export type { Fetch };

export type Api = ReturnType<typeof createApi>;

/** The routes of the API as functions. Each throws an ApiError. */
export function createApi(config: Config, fetcher: Fetch = (...args) => fetch(...args), clock = realClock) {
  const { basePath, appsPath, signOut = "", renew } = config;
  const { send, trouble } = createRequests({ fetcher, clock, renew });

  async function json<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await send(path, init);
    try {
      return (await response.json()) as T;
    } catch (reason) {
      throw asApiError(reason);
    }
  }

  const withBody = (method: string, body: unknown, signal?: AbortSignal): RequestInit => ({
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  const query = (values: Record<string, string | number | undefined>) => {
    const given = Object.entries(values).filter(([, value]) => value !== undefined);
    return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  };
  const app = (appId: string) => `${appsPath}/${encodeURIComponent(appId)}`;
  const upload = (appId: string, uploadId: string) => `${app(appId)}/uploads/${encodeURIComponent(uploadId)}`;
  const session = (sessionId: string) => `${basePath}/${encodeURIComponent(sessionId)}`;

  return {
    trouble,
    /** Signs this browser out; gives where the sign-in itself is ended. */
    signOut: async () => {
      const { location } = await json<{ location: string }>(signOut, { method: "POST" });
      trouble.setState({ signedOut: true });
      return location;
    },

    /** Any route below that of the apps, for the parts of the page that are loaded when they are needed. */
    call: <T>(method: "GET" | "POST" | "PUT" | "DELETE", path: readonly string[], body?: object) => {
      const address = [appsPath, ...path.map(encodeURIComponent)].join("/");
      // What only reads is asked for once more where it was lost on the way.
      return json<T>(address, body ? withBody(method, body) : method === "GET" ? {} : { method });
    },

    listApps: async () => (await json<{ apps: App[] }>(appsPath)).apps,
    createApp: async (name: string) => (await json<{ app: App }>(appsPath, withBody("POST", { name }))).app,
    renameApp: async (appId: string, name: string) =>
      (await json<{ app: App }>(app(appId), withBody("PUT", { name }))).app,
    deleteApp: async (appId: string) => void (await send(app(appId), { method: "DELETE" })),

    /** `rules` is there only while a change of theirs waits for the vendor. */
    listFiles: (appId: string) =>
      json<{ revision: number; files: FileEntry[]; rules?: RulesState }>(`${app(appId)}/files`),
    /** All of an app's files with their texts, in one request. */
    readContents: (appId: string) =>
      json<{ revision: number; files: FileWithMaybeContent[] }>(`${app(appId)}/files?${query({ content: 1 })}`),
    /** The file as it is now, or as it was in an earlier version. */
    readFile: async (appId: string, path: string, version?: number) =>
      (await json<{ file: FileWithContent }>(`${app(appId)}/file?${query({ path, version })}`)).file,
    /** The bytes of a file, as they were in that version. */
    readBytes: async (appId: string, path: string, version: number) =>
      (await send(`${app(appId)}/raw?${query({ path, version })}`)).blob(),
    saveFile: (appId: string, file: NewContent & { path: string; baseVersion: number }) =>
      json<{ revision: number; file: FileEntry }>(`${app(appId)}/file`, withBody("PUT", file)),

    renameFile: (appId: string, file: { path: string; newPath: string; baseVersion: number }) =>
      json<{ revision: number; file: FileEntry }>(`${app(appId)}/rename`, withBody("POST", file)),
    deleteFile: async (appId: string, file: { path: string; baseVersion: number }) =>
      void (await send(`${app(appId)}/file?${query(file)}`, { method: "DELETE" })),

    acceptRules: async (appId: string, version: number) =>
      void (await send(`${app(appId)}/rules`, withBody("PUT", { version }))),

    /** The newest checkpoints, or those from before a revision, newest first. */
    readCheckpoints: (appId: string, page: { limit?: number; before?: number } = {}) =>
      json<{ checkpoints: Checkpoint[]; hasMore?: boolean }>(`${app(appId)}/checkpoints?${query({ ...page })}`),
    diff: async (appId: string, between: { from: number; to: number }) =>
      (await json<{ files: FileDiff[] }>(`${app(appId)}/diff?${query(between)}`)).files,
    /** Where the app can be downloaded: its files as one archive, or its whole history for git. */
    exportUrl: (appId: string, kind: "zip" | "bundle" = "zip") => `${app(appId)}/export.${kind}`,
    restore: (appId: string, to: { revision: number; paths?: string[]; force?: boolean }) =>
      json<{ revision: number; changes: unknown[] }>(`${app(appId)}/restore`, withBody("POST", to)),

    /** A place for a file whose bytes go there by a form, past this API. */
    createUpload: async (appId: string, file: { name: string; type: string; size: number; sha256: string }) =>
      (await json<{ upload: NewUpload }>(`${app(appId)}/uploads`, withBody("POST", file))).upload,
    readUpload: async (appId: string, uploadId: string) =>
      (await json<{ upload: Upload }>(upload(appId, uploadId))).upload,
    /** The bytes of an upload; 404 once they have been removed. */
    readUploadBytes: async (appId: string, uploadId: string) => (await send(`${upload(appId, uploadId)}/raw`)).blob(),

    listSessions: async (appId: string) =>
      (await json<{ sessions: SessionSummary[] }>(`${basePath}?${query({ appId })}`)).sessions,
    readSession: async (sessionId: string, before?: string) =>
      (await json<{ session: Session }>(`${basePath}?${query({ sessionId, before })}`)).session,
    renameSession: async (sessionId: string, title: string) =>
      (await json<{ session: SessionSummary }>(`${basePath}?${query({ sessionId })}`, withBody("PUT", { title })))
        .session,
    readBudget: async () => (await json<{ budget: Budget }>(`${basePath}/budget`)).budget,
    deleteSession: async (sessionId: string) =>
      void (await send(`${basePath}?${query({ sessionId })}`, { method: "DELETE" })),
    cancel: async (sessionId: string) =>
      (await json<{ cancelled: boolean }>(`${session(sessionId)}/cancel`, { method: "POST" })).cancelled,

    /** Gives how many answers the turn still waits for; with none it goes on. */
    answerApproval: async (sessionId: string, approvalId: string, answer: ApprovalAnswer) =>
      (
        await json<{ approved: boolean; waiting: number }>(
          `${session(sessionId)}/approvals/${encodeURIComponent(approvalId)}`,
          withBody("POST", answer),
        )
      ).waiting,

    // These two are made again by whoever reads the stream, who knows what of it has come.
    postMessage: (turn: TurnRequest, signal: AbortSignal) => send(basePath, withBody("POST", turn, signal), false),
    openStream: (request: StreamRequest, signal: AbortSignal) =>
      send(
        `${session(request.sessionId)}/stream${request.continue ? "?continue=1" : ""}`,
        { headers: request.lastEventId ? { "Last-Event-ID": request.lastEventId } : {}, signal },
        false,
      ),
  };
}
