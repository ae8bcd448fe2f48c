/** What a turn that waits is answered: by the vendor, or by the page with a look at the preview. */
import { backOff } from "../api/clock";
import { asApiError } from "../api/errors";
import type { ApprovalAnswer } from "../api/types";
import { upload } from "../attachments/upload";
import type { ShownPreview } from "./callbacks";
import type { ChatContext } from "./context";
import { openRequests } from "./model";

interface WaitingHooks {
  /** Follows the turn that has waited. */
  goOn(): void;
  /** Reads how the session is by now. */
  lookAgain(): Promise<void>;
}

/**
 * Answers a request of Claude; the turn goes on with the last answer. Where it was answered elsewhere before, that
 * answer counts. Throws an ApiError.
 */
export async function answerRequest(
  { api, view, dispatch }: ChatContext,
  { goOn, lookAgain }: WaitingHooks,
  requestId: string,
  given: ApprovalAnswer,
): Promise<void> {
  const { sessionId } = view.getState();
  if (!sessionId) return;
  const isLeft = () => view.getState().sessionId !== sessionId;
  try {
    const waiting = await api.answerApproval(sessionId, requestId, given);
    if (isLeft()) return;
    dispatch({ type: "answered", requestId, answer: given });
    // Who asked meanwhile how the session is may have followed it already.
    if (waiting === 0 && view.getState().status === "waiting") goOn();
  } catch (reason) {
    if (isLeft()) return;
    const { code } = asApiError(reason);
    if (code !== "already_answered" && code !== "not_found") throw reason;
    await lookAgain();
    if (openRequests(view.getState()).some(({ id }) => id === requestId)) throw reason;
  }
}

/** Who has not sent the message leaves so much time to who has: their preview shows what they speak of. */
const COURTESY_MS = 3000;
/** From then on the server itself says that no preview is open. */
const PATIENCE_MS = 20_000;
/** How often a page that was just opened looks whether its preview is there. */
const STEP_MS = 1000;
const ATTEMPTS = 4;

interface LookOptions {
  appId: string;
  preview: ShownPreview;
  requestId: string;
  /** The turn's message was sent by this page. */
  isOwn: boolean;
  answer(requestId: string, given: ApprovalAnswer): Promise<void>;
}

/** Answers Claude's wish to see the preview: with a picture, or that none is open. Never throws. */
export async function look(chat: ChatContext, options: LookOptions): Promise<void> {
  const { preview, requestId, isOwn, answer } = options;
  const { visit, clock } = chat;
  const isOpen = () => !visit.aborted && openRequests(chat.view.getState()).some(({ id }) => id === requestId);
  if (!isOwn) {
    await clock.wait(COURTESY_MS, visit);
    for (let waited = COURTESY_MS; !preview.isOpen(); waited += STEP_MS) {
      if (waited >= PATIENCE_MS || !isOpen()) return;
      await clock.wait(STEP_MS, visit);
    }
  }
  if (!isOpen()) return;
  const given = await answerOf(chat, options);
  for (let attempt = 0; isOpen(); attempt += 1) {
    try {
      return await answer(requestId, given);
    } catch (reason) {
      // Without an answer, the server itself ends the wait soon.
      if (!asApiError(reason).retryable || attempt + 1 === ATTEMPTS) return;
      await clock.wait(backOff(attempt, clock), visit);
    }
  }
}

async function answerOf(chat: ChatContext, { appId, preview }: LookOptions): Promise<ApprovalAnswer> {
  const { visit: signal } = chat;
  try {
    const seen = await preview.photograph();
    if (!seen) return { approved: false, reason: "No preview is open." };
    const bytes = seen.picture;
    const name = bytes.type === "image/png" ? "preview.png" : "preview.jpg";
    const transfer = { signal, onProgress: () => undefined };
    const { uploadId } = await upload(chat.api, appId, { name, type: bytes.type, bytes }, transfer);
    return { approved: true, picture: uploadId, console: seen.console };
  } catch {
    return { approved: false, reason: "The preview could not be photographed." };
  }
}
