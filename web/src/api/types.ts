/** The shapes of the API under the names that the page has for them; they are made from its published schema. */
import type * as schema from "./generated/schema";

export type {
  App,
  Budget,
  Checkpoint,
  FileDiff,
  NewUpload,
  PendingApproval,
  Policy,
  Problem,
  Question,
  RulesState,
  SessionSummary,
  Site,
  SiteVersion,
  Source,
  StreamEvent,
  Upload,
  Usage,
} from "./generated/schema";

export type FileEntry = schema.FileInfo;
export type FileWithContent = schema.File;
export type FileWithMaybeContent = schema.ListedFile;
export type FileAction = schema.FileChange["action"];
/** Without counts where the change is known from `fileModifications` only. */
export type FileChange = Omit<schema.FileChange, "additions" | "deletions"> &
  Partial<Pick<schema.FileChange, "additions" | "deletions">>;

/** What the type check and the build have found. */
export interface Check {
  ok: boolean;
  errors: schema.Problem[];
  durationMs: number;
  /** When it was made, epoch milliseconds. */
  at: number;
  /** The revision of the app that was checked. */
  revision: number;
}

export type Consent = schema.Policy["publish"];

/** The git repository that an app is pushed to. */
export interface Remote {
  url: string;
  branch: string;
  pushedRevision?: number;
  pushedAt?: number;
}

export type SessionStatus = schema.Session["status"];

/** What goes along with a message: an upload by its id, with what there is to show of it. */
export type Attachment = Omit<schema.AttachmentBlock, "type">;

export type TurnRecord = schema.Turn;
export type HistoryMessage = schema.Message;
export type ContentPart = HistoryMessage["content"][number];
export type Session = schema.Session;

/** The vendor's word on a call that waits for it, or the page's look at the preview. */
export type ApprovalAnswer = schema.AnswerRequest;

/** `pending` is the page's own: Claude is still writing the call. */
export type ToolStatus = schema.ToolUseProgress["status"] | "pending";

/** An event with its place in the log: the `seq`-th of its turn. */
export interface LoggedEvent {
  turn: number;
  seq: number;
  event: schema.StreamEvent;
}

export const TERMINAL_TYPES: ReadonlySet<string> = new Set(["message_complete", "turn_cancelled", "error"]);
