/** The shapes of the API under the names that the page has for them; they are made from its published schema. */
import type * as schema from "./generated/schema";

export type {
  App,
  Budget,
  Checkpoint,
  FileDiff,
  RulesState,
  SessionSummary,
  Source,
  StreamEvent,
  Usage,
} from "./generated/schema";

export type FileEntry = schema.FileInfo;
export type FileWithContent = schema.File;
export type FileWithMaybeContent = schema.ListedFile;
export type FileAction = schema.FileChange["action"];
/** Without counts where the change is known from `fileModifications` only. */
export type FileChange = Omit<schema.FileChange, "additions" | "deletions"> &
  Partial<Pick<schema.FileChange, "additions" | "deletions">>;

export type SessionStatus = schema.Session["status"];

/** What goes along with a message: an upload by its id, with what there is to show of it. Sizes are in bytes and pixels. */
export interface Attachment {
  uploadId: string;
  name: string;
  mediaType: string;
  size: number;
  sha256: string;
  width?: number;
  height?: number;
  pages?: number;
}

/** Where the bytes of an upload are sent: a form with these fields, then the file, by POST. */
export interface NewUpload {
  uploadId: string;
  url: string;
  fields: Record<string, string>;
  expiresAt: number;
}

export interface Upload extends Omit<Attachment, "mediaType"> {
  type: string;
  status: "waiting" | "ready" | "refused";
  reason?: string;
}

export type TurnRecord = schema.Turn;
export type ContentPart = schema.Message["content"][number] | (Attachment & { type: "attachment" });
export type HistoryMessage = Omit<schema.Message, "content"> & { content: ContentPart[] };
export type Session = Omit<schema.Session, "messages"> & { messages: HistoryMessage[] };

/** `pending` is the page's own: Claude is still writing the call. */
export type ToolStatus = schema.ToolUseProgress["status"] | "pending";

/** An event with its place in the log: the `seq`-th of its turn. */
export interface LoggedEvent {
  turn: number;
  seq: number;
  event: schema.StreamEvent;
}

export const TERMINAL_TYPES: ReadonlySet<string> = new Set(["message_complete", "turn_cancelled", "error"]);
