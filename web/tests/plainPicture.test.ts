/** Which pictures carry nothing but the picture, by their bytes alone. */
import { expect, test } from "vitest";
import { plainPicture } from "../src/attachments/plainPicture";
import { chunk, png } from "./png";

const ascii = (text: string) => Buffer.from(text, "latin1");

function withChunk(type: string, text: string): Buffer {
  const plain = png(4, 4, [1, 2, 3]);
  const beforeEnd = plain.length - 12;
  return Buffer.concat([plain.subarray(0, beforeEnd), chunk(type, ascii(text)), plain.subarray(beforeEnd)]);
}

function jpeg(...segments: [number, string][]): Buffer {
  const made = segments.map(([marker, text]) => {
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(text.length + 2, 2);
    return Buffer.concat([head, ascii(text)]);
  });
  return Buffer.concat([Buffer.from([0xff, 0xd8]), ...made, Buffer.from([0xff, 0xda, 0, 2, 7, 7, 0xff, 0xd9])]);
}

function webp(...chunks: [string, string][]): Buffer {
  const made = chunks.map(([type, text]) => {
    const head = Buffer.concat([ascii(type), Buffer.alloc(4)]);
    head.writeUInt32LE(text.length, 4);
    return Buffer.concat([head, ascii(text), Buffer.alloc(text.length % 2)]);
  });
  const body = Buffer.concat([ascii("WEBP"), ...made]);
  const head = Buffer.concat([ascii("RIFF"), Buffer.alloc(4)]);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

test.each([
  ["a PNG", png(4, 4, [1, 2, 3]), "image/png"],
  ["a PNG that names its program", withChunk("tEXt", "Software\0Paint"), "image/png"],
  ["a PNG with EXIF", withChunk("eXIf", "MM"), null],
  ["a PNG with XMP", withChunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0<x/>"), null],
  ["a PNG with EXIF in a text", withChunk("zTXt", "Raw profile type exif\0\0x"), null],
  ["a PNG with something behind its end", Buffer.concat([png(4, 4, [1, 2, 3]), ascii("rest")]), null],
  ["a PNG that is cut off", png(4, 4, [1, 2, 3]).subarray(0, 50), null],
  ["a JPEG", jpeg([0xe0, "JFIF\0"], [0xe2, "ICC_PROFILE\0x"], [0xdb, "table"]), "image/jpeg"],
  ["a JPEG with EXIF", jpeg([0xe0, "JFIF\0"], [0xe1, "Exif\0\0MM"]), null],
  ["a JPEG with XMP", jpeg([0xe1, "http://ns.adobe.com/xap/1.0/\0"]), null],
  ["a JPEG with the notes of an agency", jpeg([0xed, "Photoshop 3.0\0"]), null],
  ["a JPEG with further pictures", jpeg([0xe2, "MPF\0"]), null],
  ["a WebP", webp(["VP8 ", "abc"]), "image/webp"],
  ["a WebP that moves", webp(["VP8X", "0123456789"], ["ANIM", "012345"], ["ANMF", "abc"]), "image/webp"],
  ["a WebP with EXIF", webp(["VP8 ", "abc"], ["EXIF", "MM"]), null],
  ["a WebP with XMP", webp(["VP8 ", "abc"], ["XMP ", "<x/>"]), null],
  ["a GIF", ascii("GIF89a\x01\0\x01\0"), "image/gif"],
  ["a text", ascii("Hello"), null],
])("%s", (_, bytes, type) => {
  expect(plainPicture(bytes)).toBe(type);
});
