/** What a person is told for each way in which a request can fail. */

const SENTENCES: Record<string, string> = {
  invalid_request: "The server did not accept that request.",
  unauthenticated: "You are not signed in any more. Reload the page to sign in again.",
  forbidden_origin: "This page is not allowed to make changes here. Open it from its own address.",
  not_found: "That does not exist any more, or it belongs to somebody else.",
  method_not_allowed: "The server does not offer that.",
  session_busy: "An earlier message in this chat is still being answered.",
  message_id_reused: "This message was already sent with other words. Send it once more as a new one.",
  version_conflict: "The file was changed meanwhile.",
  already_answered: "This was answered in another window.",
  path_conflict: "Another file or folder already uses that name.",
  session_gone: "This chat does not exist any more. You can go on in a new one.",
  session_expired: "This chat has expired. Start a new one; your files are all still here.",
  too_large: "That is too large.",
  unsupported_media_type: "The server does not understand that kind of content.",
  rate_limited: "You are sending messages faster than allowed.",
  too_many_turns: "Too many answers are being written for you at once.",
  too_many_streams: "This chat is open in too many places at once.",
  budget_exceeded: "Today's token budget is used up. It starts anew at midnight UTC.",
  store_unavailable: "The session store cannot be reached at the moment. Nothing is lost.",
  upload_failed: "The file was not taken by the storage.",
  busy: "The service is busy: too many requests at once. Try again in a moment.",
  unavailable: "The service did not answer. Try again in a moment.",
  build_failed: "The app cannot be built as it is.",
  remote_failed: "The git host did not accept that, or could not be reached.",
  network: "The server cannot be reached.",
};

const CODE_OF_STATUS: Record<number, string> = {
  400: "invalid_request",
  401: "unauthenticated",
  403: "forbidden_origin",
  404: "not_found",
  405: "method_not_allowed",
  409: "session_busy",
  410: "session_expired",
  413: "too_large",
  415: "unsupported_media_type",
  // Not the API's own refusal, which has a code: nobody was free to look at the request.
  429: "busy",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/** What the server's keepers can look up. */
const FAULTS = new Set(["internal", "store_unavailable", "model_error", "unavailable"]);

/** The id under which a fault of the server is found in its log; none for what is no fault of its. */
export function referenceOf(code: string, requestId: unknown): string | undefined {
  return FAULTS.has(code) ? asString(requestId) : undefined;
}

/** A request that was refused or could not be made; `message` is fit to be shown. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
  /** What happened, without the reference. */
  readonly sentence: string;
  /** Under which a fault of the server is found in its log. */
  readonly reference: string | undefined;
  /** The whole `error` object of the answer, for details such as the current file of a conflict. */
  readonly details: Record<string, unknown>;

  constructor(
    status: number,
    code: string,
    options: { retryAfterMs?: number; details?: Record<string, unknown> } = {},
  ) {
    const sentence = sentenceFor(code, status, options.details);
    const reference = referenceOf(code, options.details?.requestId);
    super(reference ? `${sentence} Reference ${reference}` : sentence);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
    this.sentence = sentence;
    this.reference = reference;
  }

  /** True where the same request may succeed later: no answer, 429, or a server that is down. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  static async fromResponse(response: Response): Promise<ApiError> {
    const body: unknown = await response.json().catch(() => null);
    // What answers in the function's place has another shape, and names the request in a header.
    const requestId = response.headers.get("x-amzn-requestid");
    const details = isRecord(body) && isRecord(body.error) ? body.error : { requestId };
    const code = asString(details.code) ?? CODE_OF_STATUS[response.status] ?? "internal";
    const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
    return new ApiError(response.status, code, {
      retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
      details,
    });
  }
}

function sentenceFor(code: string, status: number, details?: Record<string, unknown>): string {
  const said = asString(details?.message);
  // What was wrong with an input is said best by the server itself, and what a git host minds by that host.
  if (said && (status === 400 || status === 413 || code === "build_failed" || code === "remote_failed")) return said;
  return SENTENCES[code] ?? `Something went wrong on the server (${status}).`;
}

/** Anything thrown, as an ApiError: what is not one already is a failure of the network. */
export function asApiError(reason: unknown): ApiError {
  return reason instanceof ApiError ? reason : new ApiError(0, "network");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asString(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
