import { type Files, textOf } from "./resolve";

const TYPES = new Map([
  ["svg", "image/svg+xml"],
  ["json", "application/json"],
  ["css", "text/css"],
  ["html", "text/html"],
]);
export type AppAssets = [address: string, text: string][];

/** The texts that an app may ask for by their address while it runs. */
const ASSET = /\.(svg|json|txt|csv|tsv|md|xml|geojson)$/;

export function extension(path: string): string {
  return /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}

/** A file as an address that needs no server. */
export function dataUrl(path: string, files: Files): string {
  const content = files.get(path);
  if (typeof content === "object") return content.url;
  return `data:${TYPES.get(extension(path)) ?? "text/plain"};charset=utf-8,${encodeURIComponent(textOf(files, path))}`;
}

/** The files that an app can ask for, by address; those of `public` are at the root. */
export function assetsOf(files: Files): AppAssets {
  return [...files]
    .filter(([path, content]) => typeof content === "object" || ASSET.test(path))
    .map(([path, content]) => [
      `/${path.replace(/^public\//, "")}`,
      typeof content === "object" || extension(path) === "svg" ? dataUrl(path, files) : content,
    ]);
}

export function sameAssets(one: AppAssets, other: AppAssets): boolean {
  return (
    one.length === other.length &&
    one.every(([address, text], at) => other[at]?.[0] === address && other[at]?.[1] === text)
  );
}
