import { createContext } from "react";
import type { Api } from "../api/client";

/** The bytes of uploads, to be shown. */
export interface Pictures {
  /** Throws an ApiError; 404 once they have been removed. */
  read(uploadId: string): Promise<Blob>;
  /** What this page has uploaded itself need not come back over the network. */
  keep(uploadId: string, bytes: Blob): void;
}

/** As many as stay in memory. */
const KEPT = 40;

export function createPictures(api: Api, appId: string): Pictures {
  const known = new Map<string, Promise<Blob>>();
  const add = (uploadId: string, bytes: Promise<Blob>) => {
    known.set(uploadId, bytes);
    for (const oldest of known.keys()) {
      if (known.size <= KEPT) break;
      known.delete(oldest);
    }
    return bytes;
  };
  return {
    keep: (uploadId, bytes) => void add(uploadId, Promise.resolve(bytes)),
    read(uploadId) {
      const found = known.get(uploadId);
      if (found) return found;
      const bytes = add(uploadId, api.readUploadBytes(appId, uploadId));
      bytes.catch(() => known.delete(uploadId));
      return bytes;
    },
  };
}

/** Null where the chat is shown without its app. */
export const PicturesContext = createContext<Pictures | null>(null);
