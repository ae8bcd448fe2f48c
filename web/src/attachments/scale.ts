import { Refusal } from "./attachment";
import { plainPicture } from "./plainPicture";
import type { Prepared } from "./prepare";

/** Claude looks at a picture at no more than this: https://platform.claude.com/docs/en/build-with-claude/vision */
const LONG_EDGE = 1568;
/** What a picture of a camera leaves with at most, in bytes. */
const SIZE_GOAL = 500_000;
/** Up to here a picture stays free of losses, as drawings and screenshots should. */
const PNG_SIZE = 300_000;
/** What the server takes, in bytes. */
const GIF_LIMIT = 5_000_000;
const QUALITIES = [0.85, 0.75, 0.6, 0.45];

const FLAT = new Set(["image/jpeg"]);

interface Decoded {
  image: CanvasImageSource;
  width: number;
  height: number;
  close(): void;
}

/**
 * A picture as Claude is shown it: upright, no larger than it is looked at, and without what the camera has written
 * into the file, such as the place. One that is all that already keeps its very bytes, since it may go into an app.
 * Decoding and encoding are done beside the page's own thread by the browser itself.
 */
export async function scaled(file: File): Promise<Prepared> {
  const decoded = await decode(file);
  try {
    const { width, height } = decoded;
    if (Math.max(width, height) <= LONG_EDGE && file.size <= GIF_LIMIT) {
      const type = plainPicture(new Uint8Array(await file.arrayBuffer()));
      // A GIF may move, which a canvas would end.
      if (type && (file.size <= SIZE_GOAL || type === "image/gif")) {
        return { name: renamed(file.name, type), type, bytes: file };
      }
    }
    for (let edge = LONG_EDGE; ; edge = Math.round(edge * 0.75)) {
      const bytes = await encode(drawn(decoded, edge), file);
      if (bytes.size <= SIZE_GOAL || edge < 200)
        return { name: renamed(file.name, bytes.type), type: bytes.type, bytes };
    }
  } finally {
    decoded.close();
  }
}

async function decode(file: File): Promise<Decoded> {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    return { image: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() };
  } catch {
    throw unreadable(file);
  }
}

function unreadable({ name, type }: File): Refusal {
  const kind = /\.(heic|heif|avif|tiff?)$/i.exec(name)?.[1] ?? /^image\/(heic|heif|avif|tiff)$/.exec(type)?.[1];
  if (kind) {
    const known = kind.toUpperCase().replace("HEIF", "HEIC").replace(/^TIF$/, "TIFF");
    return new Refusal(`This browser cannot read ${known} pictures. Save ${name} as JPEG or PNG, and attach that.`);
  }
  return new Refusal(`${name} cannot be read. It is damaged, or not a picture.`);
}

function drawn({ image, width, height }: Decoded, edge: number): HTMLCanvasElement {
  const scale = Math.min(1, edge / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = contextOf(canvas);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** The canvas in the form that suits its content, which may still be larger than it should. */
async function encode(canvas: HTMLCanvasElement, { type }: File): Promise<Blob> {
  const isFlat = FLAT.has(type) || !hasTransparency(canvas);
  if (type !== "image/jpeg") {
    const png = await toBlob(canvas, "image/png");
    if (png.size <= (isFlat ? PNG_SIZE : SIZE_GOAL)) return png;
    if (!isFlat) {
      const webp = await toBlob(canvas, "image/webp", QUALITIES[0]);
      // A browser that makes no WebP gives a PNG.
      return webp.type === "image/webp" ? webp : png;
    }
  }
  let jpeg = await toBlob(canvas, "image/jpeg", QUALITIES[0]);
  for (const quality of QUALITIES.slice(1)) {
    if (jpeg.size <= SIZE_GOAL) break;
    jpeg = await toBlob(canvas, "image/jpeg", quality);
  }
  return jpeg;
}

function hasTransparency(canvas: HTMLCanvasElement): boolean {
  const { data } = contextOf(canvas).getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return true;
  return false;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (!context) throw new Refusal("This browser has no room left for pictures. Close other tabs, and try again.");
  return context;
}

function toBlob(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(unmade())), type, quality);
  });
}

function unmade(): Refusal {
  return new Refusal("This browser cannot scale a picture of that size. Make it smaller, and attach that.");
}

const ENDINGS: Record<string, string> = {
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/webp": ".webp",
  "image/gif": ".gif",
};

/** The name with the ending of what the file has become. */
function renamed(name: string, type: string): string {
  const ending = ENDINGS[type] ?? "";
  const isRight = name.toLowerCase().endsWith(ending) || (type === "image/jpeg" && /\.jpeg$/i.test(name));
  return isRight ? name : `${name.replace(/\.\w{1,5}$/, "")}${ending}`;
}
