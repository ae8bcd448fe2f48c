/** The declarations of what apps import, as Monaco's `extraLibs`: each package's are fetched when a file names it. */

import { packageOf } from "../preview/engine/packageNames";

export interface ExtraLib {
  content: string;
  filePath: string;
}

const INDEX = "/preview/types.json";
const FOLDER = "/preview/packages/";
const FILES: ExtraLib[] = [
  {
    content: [
      "declare module '*.css' { const names: Record<string, string>; export default names; }",
      "declare module '*.svg' { const address: string; export default address; }",
      ...[
        "png",
        "jpg",
        "jpeg",
        "gif",
        "webp",
        "avif",
        "ico",
        "bmp",
        "woff",
        "woff2",
        "ttf",
        "otf",
        "mp3",
        "wav",
        "mp4",
        "pdf",
      ].map((ending) => `declare module '*.${ending}' { const address: string; export default address; }`),
      "declare module '*?raw' { const text: string; export default text; }",
      "declare module '*?url' { const address: string; export default address; }",
      "declare module '*.svg?react' {",
      "  const Drawing: import('react').FC<import('react').SVGProps<SVGSVGElement>>;",
      "  export default Drawing;",
      "}",
      "interface ImportMeta { readonly env: Record<string, string | boolean | undefined>; }",
    ].join("\n"),
    filePath: "file:///assets.d.ts",
  },
];

interface Index {
  /** The file of React's declarations, which every app needs. */
  base: string;
  packages: Record<string, string>;
}

type Fetch = (path: string) => Promise<unknown>;

/** Collects declarations: `ask` gives all that are known by then if the texts need more of them, else null. */
export function createPackageTypes(read: Fetch = fetchJson) {
  const loaded = new Map<string, Promise<ExtraLib[]>>();
  let index: Promise<Index> | null = null;

  const load = (file: string): Promise<ExtraLib[]> => {
    const known = loaded.get(file);
    if (known) return known;
    const libs = read(FOLDER + file).then((files) =>
      (files as [string, string][]).map(([path, content]) => ({ content, filePath: `file:///node_modules/${path}` })),
    );
    loaded.set(file, libs);
    // What could not be had is asked for again with the next file.
    libs.catch(() => loaded.delete(file));
    return libs;
  };

  return {
    async ask(texts: Iterable<string>): Promise<ExtraLib[] | null> {
      index ??= read(INDEX).then((found) => found as Index);
      index.catch(() => {
        index = null;
      });
      const { base, packages } = await index;
      const byName = new Map(Object.entries(packages));
      const wanted = [...importedBy(texts)].flatMap((name) => byName.get(name) ?? []);
      const missing = [base, ...wanted].filter((file) => !loaded.has(file));
      if (missing.length === 0) return null;
      await Promise.all(missing.map(load));
      return [...FILES, ...(await Promise.all(loaded.values())).flat()];
    },
  };
}

/** The names of the packages that scripts import. */
function importedBy(texts: Iterable<string>): Set<string> {
  const names = new Set<string>();
  for (const text of texts) {
    for (const [, name = ""] of text.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"'./][^"']*)["']/g))
      names.add(packageOf(name));
  }
  return names;
}

async function fetchJson(path: string): Promise<unknown> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} could not be had: ${answer.status}`);
  return answer.json();
}
