import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { Attachment } from "../api/types";
import { GONE } from "./attachment";
import { prepare } from "./prepare";
import { type Transfer, upload } from "./upload";

interface Uploaded {
  attachment: Attachment;
  /** What has been uploaded. */
  bytes: Blob;
}

export type Uploading = ReturnType<typeof createUploading>;

/** Prepares files and uploads them for an app. */
export function createUploading(api: Api, appId: string) {
  /** Pictures are scaled one after the other: several at once would fill a phone's memory. */
  let preparing: Promise<unknown> = Promise.resolve();

  return {
    /** Throws a Refusal for a file that does not go along, an ApiError for what may go better later. */
    async upload(file: File, transfer: Transfer): Promise<Uploaded> {
      const turn = preparing.then(() => {
        transfer.signal.throwIfAborted();
        return prepare(file);
      });
      preparing = turn.catch(() => undefined);
      const prepared = await turn;
      transfer.signal.throwIfAborted();
      return { attachment: await upload(api, appId, prepared, transfer), bytes: prepared.bytes };
    },

    /** Why an upload cannot go along with a message; null where it can, or where nobody can tell at the moment. */
    async problemOf(uploadId: string): Promise<string | null> {
      try {
        const { status, reason } = await api.readUpload(appId, uploadId);
        if (status === "ready") return null;
        return status === "refused" ? (reason ?? GONE) : "It has not arrived. Attach it again.";
      } catch (reason) {
        return asApiError(reason).status === 404 ? GONE : null;
      }
    },
  };
}
