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

export function isPicture({ mediaType }: Pick<Attachment, "mediaType">): boolean {
  return mediaType.startsWith("image/");
}

/** What the file dialog offers. What is picked all the same is looked at, and refused in words. */
export const OFFERED =
  "image/*,.heic,.heif,application/pdf,text/*,.md,.csv,.tsv,.json,.jsonl,.xml,.yaml,.yml,.toml,.ini,.log,.sql,.js,.jsx,.ts,.tsx,.vue,.svelte,.py,.sh";

/** A file that does not go along; `message` says why, and is fit to be shown. */
export class Refusal extends Error {}
