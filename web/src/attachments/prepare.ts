/** Makes of a file what is uploaded: large pictures scaled down, documents and texts as they are, the rest refused. */
import { formatSize } from "../ui/format";
import { Refusal } from "./attachment";
import { scaled } from "./scale";

export interface Prepared {
  name: string;
  type: string;
  bytes: Blob;
}

// What the server takes, in bytes. A picture may be larger before it is scaled; beyond that a phone runs out of memory.
const PICTURE_LIMIT = 50_000_000;
const PDF_LIMIT = 10_000_000;
const TEXT_LIMIT = 1_000_000;
/** Enough of a file to tell whether it is text. */
const SAMPLE = 4096;
/** Some systems name no type for these, or none that is known everywhere. */
const PICTURE_NAME = /\.(avif|bmp|gif|heic|heif|ico|jfif|jpe?g|png|tiff?|webp)$/i;

/** What is to be uploaded. Throws a Refusal, which names the file. */
export async function prepare(file: File): Promise<Prepared> {
  const { name, size, type } = file;
  if (size === 0) throw new Refusal(`${name} is empty.`);
  // A drawing in SVG is text, and goes as it is: Claude reads it, and an app gets the very file.
  const isDrawing = type === "image/svg+xml" || /\.svg$/i.test(name);
  if (!isDrawing && (type.startsWith("image/") || PICTURE_NAME.test(name))) {
    refuseBeyond(PICTURE_LIMIT, file, "A picture");
    return scaled(file);
  }
  if (type === "application/pdf" || /\.pdf$/i.test(name)) {
    refuseBeyond(PDF_LIMIT, file, "A PDF");
    if ((await file.slice(0, 5).text()) !== "%PDF-") throw new Refusal(`${name} is not a PDF, whatever its name says.`);
    return { name, type: "application/pdf", bytes: file };
  }
  if (!isText(await file.slice(0, SAMPLE).arrayBuffer(), size > SAMPLE)) throw notTaken(name);
  refuseBeyond(TEXT_LIMIT, file, "A text");
  if (!isText(await file.arrayBuffer())) throw notTaken(name);
  // Its name says what kind of text it is; the server wants to know only that it is one.
  return { name, type: "text/plain", bytes: file };
}

function notTaken(name: string): Refusal {
  return new Refusal(`${name} cannot be attached. Pictures, PDFs and text files can.`);
}

function refuseBeyond(limit: number, { name, size }: File, what: string): void {
  if (size <= limit) return;
  throw new Refusal(`${name} is too large: ${formatSize(size)}. ${what} may have ${formatSize(limit)}.`);
}

/** True for UTF-8 without NUL; `isPart` where the bytes may end within a character. */
function isText(bytes: ArrayBuffer, isPart = false): boolean {
  try {
    return !new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isPart }).includes("\0");
  } catch {
    return false;
  }
}
