import type { Files } from "./resolve";

const TYPES = new Map([
  ["svg", "image/svg+xml"],
  ["json", "application/json"],
  ["css", "text/css"],
  ["html", "text/html"],
]);
/** What an app may ask for by its address while it runs. */
const ASSET = /\.(svg|json|txt|csv|tsv|md|xml|geojson)$/;

export function extension(path: string): string {
  return /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}

/** A file as an address that needs no server. Files are text: of pictures there are the drawn ones. */
export function dataUrl(path: string, text: string): string {
  return `data:${TYPES.get(extension(path)) ?? "text/plain"};charset=utf-8,${encodeURIComponent(text)}`;
}

/** The files that an app can ask for, by address; those of `public` are at the root. */
export function assetsOf(files: Files): [address: string, text: string][] {
  return [...files]
    .filter(([path]) => ASSET.test(path))
    .map(([path, text]) => [
      `/${path.replace(/^public\//, "")}`,
      extension(path) === "svg" ? dataUrl(path, text) : text,
    ]);
}
