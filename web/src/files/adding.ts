/** Files of the vendor's own machine, on their way into the app. */
import type { NewContent } from "../api/client";

/** The API takes no larger file. In bytes. */
const MAX_BYTES = 1_000_000;
/**
 * Some files of these types read as text, and are none. Types of films are not among them: browsers take `.ts` for one.
 */
const NO_TEXT = /^(image\/(?!svg)|font\/|application\/(pdf|zip))/;

/** A file that cannot be added; the message is fit to be shown. */
export class AddingError extends Error {}

/** What a file is to be saved as: its text where it is one, else its very bytes. Throws an AddingError. */
export async function readForSaving(file: File): Promise<NewContent> {
  if (file.size > MAX_BYTES) {
    throw new AddingError(`${file.name} is larger than 1 MB, which is the most that a file of an app may have.`);
  }
  const bytes = await file.arrayBuffer().catch(() => {
    throw new AddingError(`${file.name} cannot be read. A folder cannot be added as a whole.`);
  });
  const text = NO_TEXT.test(file.type) ? null : asText(bytes);
  if (text !== null) return { content: text };
  // A picture's type is told by its ending here, and by its bytes there: `logo.png` is often a JPEG.
  const mediaType = file.type && !file.type.startsWith("image/") ? { mediaType: file.type } : {};
  return { contentBase64: asBase64(bytes), ...mediaType };
}

/** Null where the bytes are no UTF-8 text without NUL. */
function asText(bytes: ArrayBuffer): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

function asBase64(bytes: ArrayBuffer): string {
  let binary = "";
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
