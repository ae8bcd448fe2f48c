import { toSvg } from "html-to-image";
import { LIMITS } from "../../src/preview/engine/protocol";

/** Claude looks at a picture at no more than this, in px: https://platform.claude.com/docs/en/build-with-claude/vision */
const LONG_EDGE = 1568;
/** Of a long page so much is shown, in widths of the frame: more would be too small to read. */
const HEIGHT_IN_WIDTHS = 2;
const SHARPEST = 2;
const QUALITIES = [0.85, 0.7, 0.5, 0.3];

/** The app as it looks from its top, as an image small enough to be sent on. Throws where the browser cannot draw it. */
export async function photograph(): Promise<Blob> {
  const { documentElement: page } = document;
  const width = page.clientWidth || window.innerWidth;
  const height = Math.min(Math.max(page.clientHeight, page.scrollHeight), width * HEIGHT_IN_WIDTHS);
  const scale = Math.min(SHARPEST, LONG_EDGE / Math.max(width, height));
  const drawing = await toSvg(page, { width, height, filter: isDrawn });
  // Not by the library, which waits for a frame of the screen: a preview that is out of sight has none.
  const image = new Image();
  image.src = drawing;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("There is no room for a picture.");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return encoded(canvas);
}

/** What runs, and what draws nothing, need not be copied. */
function isDrawn(node: Node): boolean {
  return !(node instanceof HTMLScriptElement || node instanceof HTMLTemplateElement || node instanceof HTMLMetaElement);
}

/** As PNG, which keeps letters sharp, where that is small enough. */
async function encoded(canvas: HTMLCanvasElement): Promise<Blob> {
  const png = await toBlob(canvas, "image/png");
  if (png.size <= LIMITS.picture) return png;
  for (const quality of QUALITIES) {
    const jpeg = await toBlob(canvas, "image/jpeg", quality);
    if (jpeg.size <= LIMITS.picture) return jpeg;
  }
  throw new Error("The picture is too large.");
}

function toBlob(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("No picture could be made."))), type, quality);
  });
}
