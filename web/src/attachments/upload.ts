import type { Api } from "../api/client";
import { ApiError, asApiError } from "../api/errors";
import type { Attachment, NewUpload } from "../api/types";
import { Refusal } from "./attachment";
import type { Prepared } from "./prepare";

export interface Transfer {
  signal: AbortSignal;
  /** The part of the bytes that has left, from 0 to 1. */
  onProgress(part: number): void;
}

/** Uploads a file for an app. Throws a Refusal for what the server does not take, an ApiError for the rest. */
export async function upload(api: Api, appId: string, file: Prepared, transfer: Transfer): Promise<Attachment> {
  const { name, type, bytes } = file;
  const sha256 = await sha256Of(bytes);
  transfer.signal.throwIfAborted();
  transfer.onProgress(0);
  const place = await api.createUpload(appId, { name, type, size: bytes.size, sha256 }).catch((error: unknown) => {
    const { status, message } = asApiError(error);
    throw status === 400 || status === 413 ? new Refusal(`${name}: ${message}`) : error;
  });
  await sendForm(place, file, transfer);
  transfer.signal.throwIfAborted();
  const { status, reason, type: mediaType, ...about } = await api.readUpload(appId, place.uploadId);
  if (status === "refused") throw new Refusal(`${name}: ${reason ?? "The server does not take this file."}`);
  if (status === "waiting") throw new ApiError(0, "network");
  return { ...about, mediaType };
}

async function sha256Of(bytes: Blob): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", await bytes.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends the bytes where the server said. Not by fetch, which does not tell how much of them has left. */
function sendForm({ url, fields }: NewUpload, file: Prepared, { signal, onProgress }: Transfer): Promise<void> {
  signal.throwIfAborted();
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // The storage reads no field that comes after the file.
  form.append("file", file.bytes, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener("abort", abort);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onabort = () => reject(signal.reason);
    request.onerror = () => reject(new ApiError(0, "network"));
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new ApiError(request.status, "upload_failed"));
    };
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.open("POST", url);
    request.send(form);
  });
}
