import { useContext, useEffect, useState } from "react";
import { asApiError } from "../api/errors";
import type { Attachment } from "../api/types";
import { unlessLeft } from "../ui/unlessLeft";
import { isPicture } from "./attachment";
import { PicturesContext } from "./pictures";

export interface ShownPicture {
  /** Null until it is there, and for what is no picture. */
  bytes: Blob | null;
  /** Why it is not shown: it has been removed from the server, or did not come. */
  missing: "gone" | "lost" | null;
}

const NOTHING: ShownPicture = { bytes: null, missing: null };

/** The picture of an attachment; `retry` asks for it once more. */
export function usePicture(attachment: Attachment): ShownPicture & { retry(): void } {
  const pictures = useContext(PicturesContext);
  const [shown, setShown] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);
  const { uploadId, mediaType } = attachment;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks again
  useEffect(() => {
    setShown(NOTHING);
    if (!pictures || !isPicture({ mediaType })) return;
    return unlessLeft(
      pictures.read(uploadId),
      // The type is told, since a browser does not look for pictures in a download.
      (bytes) => setShown({ bytes: bytes.slice(0, bytes.size, mediaType), missing: null }),
      (reason) => setShown({ bytes: null, missing: asApiError(reason).status === 404 ? "gone" : "lost" }),
    );
  }, [pictures, uploadId, mediaType, attempt]);
  return { ...shown, retry: () => setAttempt(attempt + 1) };
}

/** How long an address outlives what it was shown in, in milliseconds. */
const KEPT_MS = 10_000;

/** An address for the bytes, as long as they are shown. */
export function useObjectUrl(bytes: Blob | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!bytes) return;
    const made = URL.createObjectURL(bytes);
    setUrl(made);
    return () => {
      setUrl(null);
      // A picture that is still being read would miss it, and the browser complain.
      setTimeout(() => URL.revokeObjectURL(made), KEPT_MS);
    };
  }, [bytes]);
  return url;
}
