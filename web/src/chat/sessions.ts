import type { Api } from "../api/client";
import { ApiError, asApiError } from "../api/errors";
import type { Session } from "../api/types";
import type { ChatError } from "./model";

/** Reads the stored sessions of one app; one that is gone, or another app's, is an ApiError `session_gone`. */
export function sessionReader(api: Api, appId: string) {
  return async (sessionId: string, before?: string): Promise<Session> => {
    let session: Session;
    try {
      session = await api.readSession(sessionId, before);
    } catch (reason) {
      throw ofSession(asApiError(reason));
    }
    if (session.appId !== appId) throw new ApiError(404, "session_gone");
    return session;
  };
}

/** Of a session that was asked for by its id, "not found" means that it was deleted. */
export function ofSession(error: ApiError): ApiError {
  return error.code === "not_found" ? new ApiError(error.status, "session_gone") : error;
}

/** What of a refusal the chat shows; `now` is the time from which to wait. */
export function toChatError(error: ApiError, now: number): ChatError {
  const { code, sentence: message, retryable, retryAfterMs, reference } = error;
  return { code, message, retryable, reference, retryAt: retryAfterMs ? now + retryAfterMs : undefined };
}
