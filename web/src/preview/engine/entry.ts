import { withPictures } from "./css";
import { dataUrl } from "./files";
import { type Files, join, resolve, textOf } from "./resolve";

/** Where an app begins: its document, and what runs in it. */
export interface Entry {
  /** The HTML file that the document comes from; null where there is none. */
  path: string | null;
  html: string;
  scripts: EntryScript[];
  tailwind: boolean;
  /** Modules that are in no file of the app. */
  virtual: Map<string, string>;
}

export type EntryScript =
  | { kind: "module"; specifier: string; from: string }
  | { kind: "classic"; path: string; code: string };

const ENDINGS = ["tsx", "jsx", "ts", "js"];
const MAINS = ["src/main", "src/index", "main", "index"].flatMap((name) =>
  ENDINGS.map((ending) => `${name}.${ending}`),
);
const COMPONENTS = ["src/App", "App", "src/app/page", "app/page", "src/pages/index", "pages/index"].flatMap((name) =>
  ENDINGS.map((ending) => `${name}.${ending}`),
);
const SHEETS = ["index.css", "styles.css", "globals.css", "style.css", "App.css"];
const EMPTY = '<!doctype html><html lang="en"><body><div id="root"></div></body></html>';
const START = "preview-start.tsx";

/** Finds where the app begins for an address; null where there is nothing to run. */
export function findEntry(files: Files, route: string): Entry | null {
  const page = pageFor(files, route);
  const main = MAINS.find((path) => files.has(path));
  if (page !== null) {
    const entry = readPage(page, files);
    if (entry.scripts.length > 0 || !main) return entry;
    return { ...entry, scripts: [{ kind: "module", specifier: `/${main}`, from: page }] };
  }
  const shared = { path: null, html: EMPTY, tailwind: usesTailwind(files), virtual: new Map<string, string>() };
  if (main) return { ...shared, scripts: [{ kind: "module", specifier: `/${main}`, from: main }] };
  const component = COMPONENTS.find((path) => files.has(path));
  if (!component) return null;
  const start = startOf(component, files);
  return {
    ...shared,
    scripts: [{ kind: "module", specifier: `/${START}`, from: START }],
    virtual: new Map([[START, start]]),
  };
}

/** The HTML file that a server would give for an address. */
export function pageFor(files: Files, route: string): string | null {
  const path = join("", decodeURI(route.split(/[?#]/, 1)[0] ?? ""));
  const names = [...(path.endsWith(".html") ? [path] : [join(path, "index.html"), `${path}.html`]), "index.html"];
  const places = names.flatMap((name) => [name, join("public", name)]);
  return places.find((name) => files.has(name)) ?? null;
}

function startOf(component: string, files: Files): string {
  const source = textOf(files, component);
  const folder = component.replace(/[^/]*$/, "");
  const sheets = SHEETS.map((name) => folder + name).filter(
    (path) => files.has(path) && !source.includes(path.replace(/^.*\//, "")),
  );
  return [
    'import { createRoot } from "react-dom/client";',
    ...sheets.map((path) => `import "/${path}";`),
    /export\s+default|as\s+default/.test(source)
      ? `import App from "/${component}";`
      : `import { App } from "/${component}";`,
    'createRoot(document.getElementById("root")!).render(<App />);',
  ].join("\n");
}

function readPage(path: string, files: Files): Entry {
  const page = new DOMParser().parseFromString(textOf(files, path), "text/html");
  const scripts: EntryScript[] = [];
  const virtual = new Map<string, string>();
  let tailwind = usesTailwind(files) || page.querySelector('style[type="text/tailwindcss"]') !== null;
  for (const link of page.querySelectorAll<HTMLLinkElement>("link[rel]")) {
    const address = link.getAttribute("href") ?? "";
    const remote = isRemote(address);
    if (link.rel === "stylesheet" && !remote)
      scripts.push({ kind: "module", specifier: relative(address), from: path });
    if (!remote) link.remove();
  }
  const deferred: EntryScript[] = [];
  for (const [at, script] of [...page.querySelectorAll("script")].entries()) {
    const address = script.getAttribute("src");
    script.remove();
    if (address && /tailwindcss/.test(address)) tailwind = true;
    else if (script.type === "module" && !address) {
      const id = `${path}-${at}.tsx`;
      virtual.set(id, script.textContent ?? "");
      deferred.push({ kind: "module", specifier: `/${id}`, from: path });
    } else if (script.type === "module" && address && !isRemote(address)) {
      deferred.push({ kind: "module", specifier: relative(address), from: path });
    } else if (script.type === "" || /^(text|application)\/javascript$/.test(script.type) || script.type === "module") {
      const classic = classicScript(address, script.textContent ?? "", path, files);
      (script.defer || script.type === "module" ? deferred : scripts).push(classic);
    }
  }
  for (const name of ["src", "poster"]) {
    for (const element of page.querySelectorAll(`:is(img,source,video,audio)[${name}]`)) {
      const found = resolve(relative(element.getAttribute(name) ?? ""), path, files, new Map());
      if (found.kind === "file") element.setAttribute(name, dataUrl(found.path, files));
    }
  }
  for (const style of page.querySelectorAll("style")) {
    style.textContent = withPictures(style.textContent ?? "", path, files);
  }
  for (const element of page.querySelectorAll('[style*="url("]')) {
    element.setAttribute("style", withPictures(element.getAttribute("style") ?? "", path, files));
  }
  return { path, html: page.documentElement.outerHTML, scripts: [...scripts, ...deferred], tailwind, virtual };
}

function classicScript(address: string | null, text: string, path: string, files: Files): EntryScript {
  if (address === null) return { kind: "classic", path, code: text };
  if (isRemote(address)) {
    const words = `The preview loads no scripts from elsewhere: ${address} is left out.`;
    return { kind: "classic", path, code: `console.warn(${JSON.stringify(words)});` };
  }
  const found = resolve(relative(address), path, files, new Map());
  if (found.kind === "file") return { kind: "classic", path: found.path, code: textOf(files, found.path) };
  return {
    kind: "classic",
    path,
    code: `console.error(${JSON.stringify(`${path} loads ${address}, which is not there.`)});`,
  };
}

function isRemote(address: string): boolean {
  return /^(https?:)?\/\//.test(address);
}

/** An address in HTML as an import: there, a bare name is a file beside the page. */
function relative(address: string): string {
  return /^[./]/.test(address) ? address : `./${address}`;
}

/** True if the app says anywhere that it is styled with Tailwind. */
function usesTailwind(files: Files): boolean {
  if (/"tailwindcss"/.test(textOf(files, "package.json"))) return true;
  if ([...files.keys()].some((path) => /^tailwind\.config\.[cm]?[jt]s$/.test(path))) return true;
  return [...files.keys()].some(
    (path) => path.endsWith(".css") && /@tailwind\b|@import\s+["']tailwindcss/.test(textOf(files, path)),
  );
}
