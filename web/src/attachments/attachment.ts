import { asString, isRecord } from "../api/errors";
import type { Attachment } from "../api/types";

/** How many files go along with one message. */
export const ATTACHMENT_LIMIT = 10;

/** True for what was an attachment when it was stored in the browser. */
export function isAttachment(value: unknown): value is Attachment {
  return (
    isRecord(value) &&
    [value.uploadId, value.name, value.mediaType, value.sha256].every((text) => asString(text) !== undefined) &&
    typeof value.size === "number"
  );
}

/** True for what is shown as a picture; a drawing in SVG is a text. */
export function isPicture({ mediaType }: Pick<Attachment, "mediaType">): boolean {
  return mediaType.startsWith("image/") && mediaType !== "image/svg+xml";
}

/** What is said of an upload that has been removed from the server. */
export const GONE = "It is not kept any more. Attach it again.";

/** A file that does not go along; `message` says why, and is fit to be shown. */
export class Refusal extends Error {}

/** Where the tab remembers what is on its way to a draft. */
export const noteOf = (place: string) => `uploading:${place}`;
