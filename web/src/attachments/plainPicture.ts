/** The media type of a picture that carries nothing but the picture; null for one with EXIF or XMP, and for all else. */
export function plainPicture(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (place: number, length: number) => String.fromCharCode(...bytes.subarray(place, place + length));
  try {
    if (at(0, 8) === "\x89PNG\r\n\x1a\n") return isPlainPng(view, at) ? "image/png" : null;
    if (at(0, 3) === "\xff\xd8\xff") return isPlainJpeg(view, at) ? "image/jpeg" : null;
    if (at(0, 4) === "RIFF" && at(8, 4) === "WEBP") return isPlainWebp(view, at) ? "image/webp" : null;
    // No camera writes one.
    return /^GIF8[79]a$/.test(at(0, 6)) ? "image/gif" : null;
  } catch (reason) {
    // It ends in the middle of something.
    if (reason instanceof RangeError) return null;
    throw reason;
  }
}

type Text = (place: number, length: number) => string;

/** By https://www.w3.org/TR/png-3/#5Chunk-layout; XMP and old EXIF are texts of these names. */
function isPlainPng(view: DataView, at: Text): boolean {
  for (let place = 8; ; ) {
    const length = view.getUint32(place);
    const type = at(place + 4, 4);
    if (type === "eXIf") return false;
    if (/^[itz][TE]Xt$/.test(type) && /^(XML:com\.adobe\.xmp|Raw profile type)/.test(at(place + 8, 40))) return false;
    place += length + 12;
    // Behind its end an editor may have left what was cut off.
    if (type === "IEND") return place === view.byteLength;
  }
}

/** Segments that only say how to show it: JFIF, a colour profile, and Adobe's kind of colours. */
const OF_THE_LOOK = /^(\xe0JF|\xe2ICC_PROFILE|\xeeAdobe)/;

/** By https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B: segments of applications come before the first scan. */
function isPlainJpeg(view: DataView, at: Text): boolean {
  for (let place = 2; view.getUint8(place) === 0xff; place += 2 + view.getUint16(place + 2)) {
    const marker = view.getUint8(place + 1);
    if (marker === 0xda) return view.getUint16(view.byteLength - 2) === 0xffd9;
    const isOfAnApplication = marker >= 0xe0 && marker <= 0xef;
    if (isOfAnApplication && !OF_THE_LOOK.test(at(place + 1, 1) + at(place + 4, 12))) return false;
  }
  return false;
}

/** By https://developers.google.com/speed/webp/docs/riff_container */
function isPlainWebp(view: DataView, at: Text): boolean {
  const end = 8 + view.getUint32(4, true);
  for (let place = 12; place < end; ) {
    if (/^(EXIF|XMP )$/.test(at(place, 4))) return false;
    const length = view.getUint32(place + 4, true);
    place += 8 + length + (length % 2);
  }
  return end === view.byteLength;
}
