/** Files of the vendor's own machine, on their way into the app. */
import type { NewContent } from "../api/client";

/** The API takes no larger file. In bytes. */
const MAX_BYTES = 1_000_000;
/**
 * Some files of these types read as text, and are none. Types of films are not among them: browsers take `.ts` for one.
 */
const NO_TEXT = /^(image\/(?!svg)|font\/|application\/(pdf|zip))/;

/**
 * Beginnings of what browsers show as a picture, or as a PDF, whatever the name's ending says: `logo.png` is often a
 * JPEG. PNG, JPEG, GIF, WebP, AVIF: https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern
 */
const PICTURE = /^(\x89PNG\r\n.\n|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP|.{4}ftypavi[fs])/s;
const PDF = /^%PDF-/;

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
  refuseFalseName(file.name, bytes);
  const text = NO_TEXT.test(file.type) ? null : asText(bytes);
  if (text !== null) return { content: text };
  // Browsers tell a picture's type by its ending, the server by its bytes.
  const mediaType = file.type && !file.type.startsWith("image/") ? { mediaType: file.type } : {};
  return { contentBase64: asBase64(bytes), ...mediaType };
}

/** Nothing would show these files, and nobody see why. */
function refuseFalseName(name: string, bytes: ArrayBuffer): void {
  const beginning = String.fromCharCode(...new Uint8Array(bytes.slice(0, 12)));
  if (/\.(png|jpe?g|gif|webp)$/i.test(name) && !PICTURE.test(beginning)) {
    throw new AddingError(`${name} is no picture, whatever its name says.`);
  }
  if (/\.pdf$/i.test(name) && !PDF.test(beginning)) {
    throw new AddingError(`${name} is not a PDF, whatever its name says.`);
  }
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
