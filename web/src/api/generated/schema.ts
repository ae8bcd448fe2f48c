// Made from docs/openapi.json by `npm run types`; not to be changed by hand.

/**
 * One event of a turn's stream.
 */
export type StreamEvent =
  | ConnectionEstablishedEvent
  | TextDeltaEvent
  | SourcesEvent
  | ThinkingDeltaEvent
  | ToolUseStartEvent
  | ToolUseProgressEvent
  | ToolUseInputEvent
  | FileChangeEvent
  | ToolUseCompleteEvent
  | StepCompleteEvent
  | StepResetEvent
  | TurnHandoverEvent
  | ToolApprovalRequestEvent
  | QuestionEventEvent
  | PreviewRequestEvent
  | TurnWaitingEvent
  | AnsweredRequestEvent
  | CheckFinishedEvent
  | NoticeEvent
  | SessionTitleEvent
  | MessageCompleteEvent
  | TurnCancelledEvent
  | ErrorEvent;

/**
 * Every shape that the API sends or takes, by its name.
 */
export interface Schemas {
  AcceptRules: AcceptRules;
  AnnounceUpload: AnnounceUpload;
  AnswerRequest: AnswerRequest;
  AnsweredRequest: AnsweredRequest;
  AnsweredRequestBlock: AnsweredRequestBlock;
  AnsweredRequestEvent: AnsweredRequestEvent;
  App: App;
  AppAnswer: AppAnswer;
  AppName: AppName;
  AppsAnswer: AppsAnswer;
  AttachmentBlock: AttachmentBlock;
  Budget: Budget;
  BudgetAnswer: BudgetAnswer;
  CancelAnswer: CancelAnswer;
  ChangePolicy: ChangePolicy;
  CheckAnswer: CheckAnswer;
  CheckBlock: CheckBlock;
  CheckFinished: CheckFinished;
  CheckFinishedEvent: CheckFinishedEvent;
  Checkpoint: Checkpoint;
  CheckpointChange: CheckpointChange;
  CheckpointsAnswer: CheckpointsAnswer;
  Choice: Choice;
  ConnectRemote: ConnectRemote;
  ConnectionEstablished: ConnectionEstablished;
  ConnectionEstablishedEvent: ConnectionEstablishedEvent;
  DiffAnswer: DiffAnswer;
  Done: Done;
  Error: Error;
  ErrorAnswer: ErrorAnswer;
  ErrorEvent: ErrorEvent;
  File: File;
  FileAnswer: FileAnswer;
  FileChange: FileChange;
  FileChangeEvent: FileChangeEvent;
  FileDiff: FileDiff;
  FileInfo: FileInfo;
  FileModification: FileModification;
  FileSavedAnswer: FileSavedAnswer;
  FilesAnswer: FilesAnswer;
  ImportAnswer: ImportAnswer;
  ImportApp: ImportApp;
  LetIndex: LetIndex;
  ListedFile: ListedFile;
  Message: Message;
  MessageComplete: MessageComplete;
  MessageCompleteEvent: MessageCompleteEvent;
  NewUpload: NewUpload;
  NewUploadAnswer: NewUploadAnswer;
  Notice: Notice;
  NoticeBlock: NoticeBlock;
  NoticeEvent: NoticeEvent;
  PendingApproval: PendingApproval;
  PendingTool: PendingTool;
  Policy: Policy;
  PolicyAnswer: PolicyAnswer;
  PreviewRequest: PreviewRequest;
  PreviewRequestEvent: PreviewRequestEvent;
  Problem: Problem;
  Publish: Publish;
  PublishedAnswer: PublishedAnswer;
  PushAnswer: PushAnswer;
  Question: Question;
  QuestionEvent: QuestionEvent;
  QuestionEventEvent: QuestionEventEvent;
  Remote: Remote;
  RemoteAnswer: RemoteAnswer;
  RenameFile: RenameFile;
  RenameSession: RenameSession;
  RequestAnswered: RequestAnswered;
  RequestFailure: RequestFailure;
  Restore: Restore;
  RestoreAnswer: RestoreAnswer;
  RestoredFile: RestoredFile;
  RevisionAnswer: RevisionAnswer;
  RollBack: RollBack;
  RulesAnswer: RulesAnswer;
  RulesState: RulesState;
  SaveBytes: SaveBytes;
  SaveFile: SaveFile;
  SendMessage: SendMessage;
  Session: Session;
  SessionAnswer: SessionAnswer;
  SessionMetadata: SessionMetadata;
  SessionRenamedAnswer: SessionRenamedAnswer;
  SessionSummary: SessionSummary;
  SessionTitle: SessionTitle;
  SessionTitleEvent: SessionTitleEvent;
  SessionsAnswer: SessionsAnswer;
  Site: Site;
  SiteAnswer: SiteAnswer;
  SiteVersion: SiteVersion;
  SkippedFile: SkippedFile;
  Source: Source;
  Sources: Sources;
  SourcesEvent: SourcesEvent;
  StepComplete: StepComplete;
  StepCompleteEvent: StepCompleteEvent;
  StepReset: StepReset;
  StepResetEvent: StepResetEvent;
  StreamEvent: StreamEvent;
  TakenDownAnswer: TakenDownAnswer;
  TextBlock: TextBlock;
  TextDelta: TextDelta;
  TextDeltaEvent: TextDeltaEvent;
  ThinkingBlock: ThinkingBlock;
  ThinkingDelta: ThinkingDelta;
  ThinkingDeltaEvent: ThinkingDeltaEvent;
  ToolApprovalRequest: ToolApprovalRequest;
  ToolApprovalRequestEvent: ToolApprovalRequestEvent;
  ToolProgress: ToolProgress;
  ToolResult: ToolResult;
  ToolResultBlock: ToolResultBlock;
  ToolUseBlock: ToolUseBlock;
  ToolUseComplete: ToolUseComplete;
  ToolUseCompleteEvent: ToolUseCompleteEvent;
  ToolUseInput: ToolUseInput;
  ToolUseInputEvent: ToolUseInputEvent;
  ToolUseProgress: ToolUseProgress;
  ToolUseProgressEvent: ToolUseProgressEvent;
  ToolUseStart: ToolUseStart;
  ToolUseStartEvent: ToolUseStartEvent;
  Turn: Turn;
  TurnCancelled: TurnCancelled;
  TurnCancelledEvent: TurnCancelledEvent;
  TurnHandover: TurnHandover;
  TurnHandoverEvent: TurnHandoverEvent;
  TurnWaiting: TurnWaiting;
  TurnWaitingEvent: TurnWaitingEvent;
  Upload: Upload;
  UploadAnswer: UploadAnswer;
  Usage: Usage;
}
/**
 * The version of `AGENTS.md` that the vendor accepts: the one that waits, a deletion's too.
 */
export interface AcceptRules {
  version: number;
}
/**
 * A file for a message: PNG, JPEG, GIF and WebP pictures, PDF and text are taken. `size` is in bytes.
 */
export interface AnnounceUpload {
  name: string;
  type: string;
  size: number;
  sha256: string;
}
/**
 * The vendor's answer to what a waiting turn asks for; what fits depends on the kind of request.
 *
 * `answers` are labels, one list a question; `reason` alone answers a question in the vendor's own words.
 * `picture` and `console` are what the page shows, where Claude asked to see it.
 */
export interface AnswerRequest {
  approved: boolean;
  /**
   * Claude reads it.
   */
  reason?: string;
  /**
   * For how long the answer holds for calls of this kind; without it for this call.
   */
  remember?: "session" | "app";
  /**
   * @maxItems 20
   */
  answers?: string[][];
  /**
   * The upload with a picture of the preview.
   */
  picture?: string;
  /**
   * The last lines of the preview's console.
   *
   * @maxItems 100
   */
  console?: string[];
}
/**
 * What was answered to a call that waited, by the vendor, or by the page that shows the preview.
 *
 * As an event it comes when the turn goes on, and may come once more. `summary` says what was asked; of a
 * question the call's input has all of it. `answers` are the labels
 * chosen, one list a question, `reason` is the vendor's own text, `picture` the upload that Claude saw.
 */
export interface AnsweredRequest {
  approvalId: string;
  toolId: string;
  toolName: string;
  summary: string;
  approved: boolean;
  reason?: string;
  answers?: string[][];
  picture?: string;
}
/**
 * The same, where it was answered.
 */
export interface AnsweredRequestBlock {
  approvalId: string;
  toolId: string;
  toolName: string;
  summary: string;
  approved: boolean;
  reason?: string;
  answers?: string[][];
  picture?: string;
  type: "request_answered";
}
export interface AnsweredRequestEvent {
  type: "request_answered";
  data: AnsweredRequest;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * A set of files a vendor owns.
 */
export interface App {
  appId: string;
  name: string;
  createdAt: number;
  updatedAt: number;
}
/**
 * The app.
 */
export interface AppAnswer {
  success: true;
  app: App;
}
/**
 * An app's name.
 */
export interface AppName {
  name: string;
}
/**
 * The vendor's apps.
 */
export interface AppsAnswer {
  success: true;
  apps: App[];
}
/**
 * An attachment of the vendor's message.
 */
export interface AttachmentBlock {
  uploadId: string;
  name: string;
  mediaType: string;
  size: number;
  sha256: string;
  width?: number;
  height?: number;
  pages?: number;
  type: "attachment";
}
/**
 * The vendor's tokens of this UTC day, with those reserved for calls under way.
 *
 * What came from the cache counts a tenth. `limitTokens` is null where there is no limit.
 */
export interface Budget {
  usedTokens: number;
  limitTokens: number | null;
  resetsAt: number;
}
/**
 * What the vendor has used of the day's tokens.
 */
export interface BudgetAnswer {
  success: true;
  budget: Budget;
}
/**
 * `cancelled` tells whether a turn was running, or waiting.
 */
export interface CancelAnswer {
  success: true;
  cancelled: boolean;
}
/**
 * What Claude may do outside the app's files by itself, after asking, or never; at least one of them.
 */
export interface ChangePolicy {
  publish?: "allow" | "ask" | "deny";
  push?: "allow" | "ask" | "deny";
}
/**
 * What type checker and bundler say of the app at a revision; none of the `errors` is `known`.
 */
export interface CheckAnswer {
  success: true;
  revision: number;
  ok: boolean;
  errors: Problem[];
  durationMs: number;
}
/**
 * A problem of an app; `known` is true if the turn that was checked did not make it.
 */
export interface Problem {
  path: string;
  line: number;
  column: number;
  code: string;
  message: string;
  known: boolean;
}
/**
 * What type checker and bundler found in the app's `revision`; `ok` if it has no error.
 */
export interface CheckBlock {
  type: "check";
  revision: number;
  ok: boolean;
  errors: Problem[];
  durationMs: number;
}
/**
 * The app was type-checked and bundled as it was at `revision`; `ok` if it has no error.
 */
export interface CheckFinished {
  revision: number;
  ok: boolean;
  errors: Problem[];
  durationMs: number;
}
export interface CheckFinishedEvent {
  type: "check_finished";
  data: CheckFinished;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * All that one turn, or one save, changed.
 */
export interface Checkpoint {
  revision: number;
  baseRevision: number;
  turnId?: number;
  sessionId?: string;
  author: "ai" | "vendor";
  message: string;
  createdAt: number;
  changes: CheckpointChange[];
}
/**
 * What a checkpoint did to one path; the lines of a binary file are not counted.
 */
export interface CheckpointChange {
  path: string;
  action: "created" | "edited" | "deleted" | "renamed";
  previousPath?: string;
  additions: number;
  deletions: number;
  binary?: true;
}
/**
 * A page of an app's checkpoints, newest first; `hasMore` if there are earlier ones.
 */
export interface CheckpointsAnswer {
  success: true;
  checkpoints: Checkpoint[];
  hasMore: boolean;
}
/**
 * One answer that Claude offers to a question.
 */
export interface Choice {
  label: string;
  description?: string;
}
/**
 * A repository over https, a token that may push to it, and a branch.
 */
export interface ConnectRemote {
  url: string;
  token: string;
  branch?: string;
}
/**
 * Always the first event of a turn.
 */
export interface ConnectionEstablished {
  sessionId: string;
  appId: string;
  turnId: number;
  messageId: string;
  model: string;
}
export interface ConnectionEstablishedEvent {
  type: "connection_established";
  data: ConnectionEstablished;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * What differs between two revisions.
 */
export interface DiffAnswer {
  success: true;
  files: FileDiff[];
}
/**
 * One file between two revisions: a unified diff, or of a binary file its sizes (0 = no file).
 *
 * `mediaType`, and of a picture `width` and `height` in pixels, are those of the binary file at the end, or
 * of the one that was deleted.
 */
export interface FileDiff {
  path: string;
  action: "created" | "edited" | "deleted" | "renamed";
  diff?: string;
  binary?: true;
  sizeBefore?: number;
  sizeAfter?: number;
  mediaType?: string;
  width?: number;
  height?: number;
}
/**
 * It is done.
 */
export interface Done {
  success: true;
}
/**
 * Terminal: the turn failed. `requestId` leads to what the log says of it.
 */
export interface Error {
  message: string;
  code:
    | "model_overloaded"
    | "model_error"
    | "model_refused"
    | "step_limit"
    | "budget_exceeded"
    | "store_unavailable"
    | "interrupted"
    | "internal";
  retryable: boolean;
  retryAfterMs?: number;
  requestId?: string;
}
/**
 * A request that failed before any stream began.
 */
export interface ErrorAnswer {
  success: false;
  error: RequestFailure;
}
/**
 * Why: `turnId` comes with `session_busy`, `file` with `version_conflict` (null where there is none),
 * `errors` with `build_failed`.
 */
export interface RequestFailure {
  code: string;
  message: string;
  requestId: string;
  turnId?: number;
  file?: File | null;
  errors?: Problem[];
}
/**
 * A file with its content; a binary file has none here.
 */
export interface File {
  path: string;
  version: number;
  size: number;
  updatedAt: number;
  binary?: true;
  mediaType?: string;
  width?: number;
  height?: number;
  content?: string;
}
export interface ErrorEvent {
  type: "error";
  data: Error;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * One file, a text with its content.
 */
export interface FileAnswer {
  success: true;
  file: File;
}
/**
 * A file of the app is different now.
 */
export interface FileChange {
  path: string;
  action: "created" | "edited" | "deleted" | "renamed";
  version: number;
  previousPath?: string;
  additions: number;
  deletions: number;
  toolId: string;
}
export interface FileChangeEvent {
  type: "file_change";
  data: FileChange;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * A file without its content; `size` in bytes, of text in UTF-8.
 *
 * `binary` and `mediaType` are there for what is no text; `width` and `height`, in pixels, for a picture.
 */
export interface FileInfo {
  path: string;
  version: number;
  size: number;
  updatedAt: number;
  binary?: true;
  mediaType?: string;
  width?: number;
  height?: number;
}
/**
 * The latest thing this session did to a path.
 */
export interface FileModification {
  path: string;
  action: "created" | "edited" | "deleted" | "renamed";
  version: number;
  turnId: number;
  toolId: string;
  timestamp: number;
}
/**
 * The file as it is now, and the app's new revision.
 */
export interface FileSavedAnswer {
  success: true;
  revision: number;
  file: FileInfo;
}
/**
 * An app's files and its revision.
 */
export interface FilesAnswer {
  success: true;
  revision: number;
  rules?: RulesState;
  files: ListedFile[];
}
/**
 * Which version of `AGENTS.md` counts as the app's rules, and which waits for the vendor; 0 for none.
 */
export interface RulesState {
  acceptedVersion: number;
  pendingVersion: number;
}
/**
 * A file of a listing; `content` of a text where it was asked for and is not too large.
 */
export interface ListedFile {
  path: string;
  version: number;
  size: number;
  updatedAt: number;
  binary?: true;
  mediaType?: string;
  width?: number;
  height?: number;
  content?: string;
}
/**
 * The new app, and what of the branch it lacks.
 */
export interface ImportAnswer {
  success: true;
  app: App;
  skipped: SkippedFile[];
}
/**
 * A file of the branch that the app does not have.
 */
export interface SkippedFile {
  path: string;
  reason: string;
}
/**
 * A branch of a repository, and what the app is to be called.
 */
export interface ImportApp {
  url: string;
  branch?: string;
  token?: string;
  name?: string;
}
/**
 * Whether search engines may list the site.
 */
export interface LetIndex {
  indexed: boolean;
}
/**
 * One message of a session's history.
 *
 * `branches` are the vendor's messages that have been sent at this place, itself included, where there are
 * several: the 50 newest, in the order in which they were sent. `turn` is on the last message of each turn.
 */
export interface Message {
  id: string;
  turnId: number;
  role: "user" | "assistant";
  content: (
    | TextBlock
    | AttachmentBlock
    | ThinkingBlock
    | ToolUseBlock
    | ToolResultBlock
    | AnsweredRequestBlock
    | CheckBlock
    | NoticeBlock
  )[];
  createdAt: number;
  branches?: string[];
  turn?: Turn;
}
/**
 * Text of the vendor or of Claude; `sources` are the pages that it cites.
 */
export interface TextBlock {
  type: "text";
  text: string;
  sources?: Source[];
}
/**
 * A page of the web that Claude used.
 */
export interface Source {
  url: string;
  title: string;
}
/**
 * Claude's summarised thinking.
 */
export interface ThinkingBlock {
  type: "thinking";
  text: string;
}
/**
 * A call Claude asked for.
 */
export interface ToolUseBlock {
  type: "tool_use";
  toolId: string;
  toolName: string;
  input: {
    [k: string]: unknown;
  };
}
/**
 * What the call gave; `summary` is a line about it for the vendor, `durationMs` how long it ran.
 */
export interface ToolResultBlock {
  type: "tool_result";
  toolId: string;
  status: "running" | "completed" | "failed" | "timed_out" | "cancelled";
  isError: boolean;
  content: string;
  summary: string;
  durationMs: number;
}
/**
 * What the product tells the vendor.
 */
export interface NoticeBlock {
  type: "notice";
  text: string;
}
/**
 * How a turn went: on the last of its messages, and so of the whole turn, whatever a page shows of it.
 *
 * `status` is `complete` if the turn ended as it should, `cancelled` if it was stopped, `error` if it
 * failed, `interrupted` if its function died, `waiting` for the vendor, else `running`. `fileChanges` has
 * each change, in order, as the stream tells them. While a turn runs or waits there is no `endedAt`, and
 * `usage` and `fileChanges` are those of its finished steps. `undone` is true as long as a restore of the
 * app's files has taken back all that the turn changed.
 */
export interface Turn {
  status: "complete" | "cancelled" | "error" | "interrupted" | "running" | "waiting";
  usage: Usage;
  fileChanges: FileChange[];
  startedAt: number;
  endedAt?: number;
  undone: boolean;
}
/**
 * Tokens of a turn and what they cost in US dollars.
 */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  costUsd: number;
}
/**
 * Terminal: the turn ended as it should.
 */
export interface MessageComplete {
  turnId: number;
  stopReason: string;
  usage: Usage;
  fileChanges: FileChange[];
}
export interface MessageCompleteEvent {
  type: "message_complete";
  data: MessageComplete;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * Where a browser sends the bytes of an upload: a form with these fields, then the file, by POST.
 */
export interface NewUpload {
  uploadId: string;
  url: string;
  fields: {
    [k: string]: string;
  };
  expiresAt: number;
}
/**
 * Where the bytes are sent to: a form with `fields`, then the file as `file`, by POST to `url`.
 */
export interface NewUploadAnswer {
  success: true;
  upload: NewUpload;
}
/**
 * Something the vendor should know; the turn goes on.
 */
export interface Notice {
  kind: "compacted" | "model_fallback" | "budget_low" | "other";
  text: string;
}
export interface NoticeEvent {
  type: "notice";
  data: Notice;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * What a waiting turn waits for: the vendor's word on a call, or their answer to its questions.
 *
 * `summary` says what exactly will happen.
 */
export interface PendingApproval {
  approvalId: string;
  toolId: string;
  toolName: string;
  summary: string;
  input: {
    [k: string]: unknown;
  };
  createdAt: number;
}
/**
 * A call that has been asked for and not answered yet.
 */
export interface PendingTool {
  toolId: string;
  toolName: string;
  status: string;
  startedAt: number;
}
/**
 * What Claude may do outside the app's files by itself, after asking, or never.
 */
export interface Policy {
  publish: "allow" | "ask" | "deny";
  push: "allow" | "ask" | "deny";
}
/**
 * The app's policy as it is now.
 */
export interface PolicyAnswer {
  success: true;
  policy: Policy;
}
/**
 * Claude asks to see the app's preview, of the page that said with the message that one is open.
 */
export interface PreviewRequest {
  approvalId: string;
  toolId: string;
}
export interface PreviewRequestEvent {
  type: "preview_request";
  data: PreviewRequest;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * The revision to publish, the newest without one.
 */
export interface Publish {
  revision?: number;
}
/**
 * What the app's address shows now.
 */
export interface PublishedAnswer {
  success: true;
  site: Site;
}
/**
 * A published app: the version that its address shows; `indexed` if search engines may list it.
 */
export interface Site {
  url: string;
  version: number;
  revision: number;
  publishedAt: number;
  indexed: boolean;
}
/**
 * What came of a push; `link` is there where the commits went to a branch of their own.
 */
export interface PushAnswer {
  success: true;
  result: "pushed" | "merged" | "branch" | "up_to_date";
  branch: string;
  commit: string;
  skipped: string[];
  link?: string;
}
/**
 * A question of Claude to the vendor; with `multiple` several of the options may be chosen.
 */
export interface Question {
  question: string;
  options: Choice[];
  multiple?: boolean;
}
/**
 * Claude asks the vendor; the answers go to the same route as an approval.
 */
export interface QuestionEvent {
  approvalId: string;
  questions: Question[];
}
export interface QuestionEventEvent {
  type: "question";
  data: QuestionEvent;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * The git repository that the app is pushed to; its token is never told.
 */
export interface Remote {
  url: string;
  branch: string;
  pushedRevision?: number;
  pushedAt?: number;
}
/**
 * The repository, null where the app has none; `problem` is what its host minds of the token.
 */
export interface RemoteAnswer {
  success: true;
  remote: Remote | null;
  problem?: string;
}
/**
 * A file's new path.
 */
export interface RenameFile {
  path: string;
  newPath: string;
  baseVersion: number;
}
/**
 * A session's title; blanks around it are left out.
 */
export interface RenameSession {
  title: string;
}
/**
 * What was answered; the turn goes on when none is `waiting`.
 */
export interface RequestAnswered {
  success: true;
  approved: boolean;
  waiting: number;
}
/**
 * The revision to bring files back to; `paths` limits it; `force` overrides later changes to them.
 */
export interface Restore {
  revision: number;
  /**
   * @minItems 1
   */
  paths?: string[];
  force?: boolean;
}
/**
 * The new revision, and what it changed.
 */
export interface RestoreAnswer {
  success: true;
  revision: number;
  changes: RestoredFile[];
}
/**
 * What the restore did to one path.
 */
export interface RestoredFile {
  path: string;
  action: "created" | "edited" | "deleted" | "renamed";
  version: number;
  additions: number;
  deletions: number;
}
/**
 * The app's new revision.
 */
export interface RevisionAnswer {
  success: true;
  revision: number;
}
/**
 * A version that was published before.
 */
export interface RollBack {
  version: number;
}
/**
 * What counts as the app's rules now.
 */
export interface RulesAnswer {
  success: true;
  rules: RulesState;
}
/**
 * A file's new bytes, which are a text too if they are one and `mediaType` says nothing else.
 *
 * What a binary file is its bytes say, else `mediaType`, unless a browser would run that.
 */
export interface SaveBytes {
  path: string;
  /**
   * Of at most 1,000,000 bytes; without line breaks.
   */
  contentBase64: string;
  mediaType?: string;
  baseVersion: number;
}
/**
 * A file's new content; `baseVersion` is the version it replaces, 0 to create it.
 */
export interface SaveFile {
  path: string;
  content: string;
  baseVersion: number;
}
/**
 * A message for Claude. Without `sessionId` a session is made.
 */
export interface SendMessage {
  /**
   * In code points; not blank.
   */
  message: string;
  appId: string;
  sessionId?: string;
  /**
   * The client's own; the same again is no second turn.
   */
  messageId?: string;
  /**
   * A message of the vendor's in this session: go on from before it, instead.
   */
  replaces?: string;
  /**
   * Ids of uploads to this app that are ready, attached to an earlier message or not.
   *
   * @maxItems 10
   */
  attachments?: string[];
  /**
   * true: this page shows the app's preview, so Claude may ask to see it.
   */
  preview?: boolean;
}
/**
 * A conversation about one app, as a client reads it.
 */
export interface Session {
  sessionId: string;
  appId: string;
  title: string;
  status: "idle" | "running" | "waiting" | "cancelled" | "interrupted" | "error";
  messages: Message[];
  fileModifications: FileModification[];
  pendingTools: PendingTool[];
  pendingApprovals: PendingApproval[];
  metadata: SessionMetadata;
  hasMore: boolean;
}
/**
 * Facts about a session; `usage` over all its turns.
 */
export interface SessionMetadata {
  model: string;
  createdAt: number;
  updatedAt: number;
  expiresAt: number;
  turns: number;
  usage: Usage;
}
/**
 * One session.
 */
export interface SessionAnswer {
  success: true;
  session: Session;
}
/**
 * The session as a line of the list.
 */
export interface SessionRenamedAnswer {
  success: true;
  session: SessionSummary;
}
/**
 * A line of the session list.
 */
export interface SessionSummary {
  sessionId: string;
  title: string;
  status: "idle" | "running" | "waiting" | "cancelled" | "interrupted" | "error";
  createdAt: number;
  updatedAt: number;
}
/**
 * The session has a title now.
 */
export interface SessionTitle {
  title: string;
}
export interface SessionTitleEvent {
  type: "session_title";
  data: SessionTitle;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * An app's sessions, the latest changed first.
 */
export interface SessionsAnswer {
  success: true;
  sessions: SessionSummary[];
}
/**
 * What the app's address shows, null if nothing, and the versions that are kept, the newest first.
 */
export interface SiteAnswer {
  success: true;
  site: Site | null;
  versions: SiteVersion[];
}
/**
 * A version of a published app; `live` if the address shows it.
 */
export interface SiteVersion {
  version: number;
  revision: number;
  publishedAt: number;
  live: boolean;
}
/**
 * The pages of the web that the text right before this cites.
 */
export interface Sources {
  sources: Source[];
}
export interface SourcesEvent {
  type: "sources";
  data: Sources;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * What came since the last one is final: it is in the history, with the results of its tools.
 */
export interface StepComplete {
  step: number;
}
export interface StepCompleteEvent {
  type: "step_complete";
  data: StepComplete;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * Throw away all that came since the last `step_complete`, or the start of the turn.
 */
export interface StepReset {
  reason: string;
}
export interface StepResetEvent {
  type: "step_reset";
  data: StepReset;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
export interface TextDeltaEvent {
  type: "text_delta";
  data: TextDelta;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * More of the answer's text.
 */
export interface TextDelta {
  text: string;
}
export interface ThinkingDeltaEvent {
  type: "thinking_delta";
  data: ThinkingDelta;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * More of the model's summarised thinking.
 */
export interface ThinkingDelta {
  text: string;
}
export interface ToolUseStartEvent {
  type: "tool_use_start";
  data: ToolUseStart;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * The model has begun to ask for a tool.
 */
export interface ToolUseStart {
  toolId: string;
  toolName: string;
}
export interface ToolUseProgressEvent {
  type: "tool_use_progress";
  data: ToolUseProgress;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * A tool runs, or has ended.
 */
export interface ToolUseProgress {
  toolId: string;
  toolName: string;
  status: "running" | "completed" | "failed" | "timed_out" | "cancelled";
  data: ToolProgress;
}
/**
 * What is known of a call so far; `summary` and `durationMs` once it has ended.
 */
export interface ToolProgress {
  input?: {
    [k: string]: unknown;
  };
  summary?: string;
  error?: string;
  durationMs?: number;
}
export interface ToolUseInputEvent {
  type: "tool_use_input";
  data: ToolUseInput;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * What Claude writes into a file by `create_file` or `edit_file`, about ten times a second.
 *
 * The `delta`s of a call add up to the file's text, or to the texts that an edit puts in place of others,
 * with a line break between each two. `path` comes once, as soon as Claude has written it. A call has these
 * events between its start and its first progress while the turn's events are kept; a replay from the
 * history has none.
 */
export interface ToolUseInput {
  toolId: string;
  path?: string;
  delta: string;
}
export interface ToolUseCompleteEvent {
  type: "tool_use_complete";
  data: ToolUseComplete;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * Once per batch, in the order the model asked.
 */
export interface ToolUseComplete {
  toolResults: ToolResult[];
}
/**
 * How one call of a batch ended.
 */
export interface ToolResult {
  toolId: string;
  toolName: string;
  status: "running" | "completed" | "failed" | "timed_out" | "cancelled";
  isError: boolean;
  summary: string;
  durationMs: number;
}
export interface TurnHandoverEvent {
  type: "turn_handover";
  data: TurnHandover;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * The stream ends here, the turn goes on in a fresh invocation: reconnect with the last id.
 */
export interface TurnHandover {
  reason: string;
}
export interface ToolApprovalRequestEvent {
  type: "tool_approval_request";
  data: ToolApprovalRequest;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * A call waits for the vendor's word; `summary` says what exactly will happen.
 */
export interface ToolApprovalRequest {
  approvalId: string;
  toolId: string;
  toolName: string;
  summary: string;
  input: {
    [k: string]: unknown;
  };
}
export interface TurnWaitingEvent {
  type: "turn_waiting";
  data: TurnWaiting;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * The stream ends here; the turn goes on by itself when all of `approvals` are answered.
 */
export interface TurnWaiting {
  turnId: number;
  approvals: string[];
}
export interface TurnCancelledEvent {
  type: "turn_cancelled";
  data: TurnCancelled;
  /**
   * Epoch milliseconds.
   */
  timestamp: number;
}
/**
 * Terminal: the turn was stopped.
 */
export interface TurnCancelled {
  turnId: number;
  usage: Usage;
}
/**
 * The app's address shows nothing.
 */
export interface TakenDownAnswer {
  success: true;
  site: null;
}
/**
 * An upload: `waiting` for its bytes, `ready` for a message, or `refused` for a `reason`.
 */
export interface Upload {
  uploadId: string;
  name: string;
  type: string;
  size: number;
  sha256: string;
  status: "waiting" | "ready" | "refused";
  reason?: string;
  width?: number;
  height?: number;
  pages?: number;
}
/**
 * The upload.
 */
export interface UploadAnswer {
  success: true;
  upload: Upload;
}
