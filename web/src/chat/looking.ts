import { backOff } from "../api/clock";
import { asApiError } from "../api/errors";
import type { ApprovalAnswer } from "../api/types";
import { upload } from "../attachments/upload";
import type { ShownPreview } from "./callbacks";
import type { ChatContext } from "./context";
import { openRequests } from "./model";

/** Who has not sent the message leaves so much time to who has: their preview shows what they speak of. */
const COURTESY_MS = 3000;
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
    if (!preview.isOpen()) return;
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
