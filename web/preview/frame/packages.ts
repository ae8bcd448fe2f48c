import type { Target } from "../../src/preview/engine/protocol";
import { iconBucket } from "../iconBucket.js";

type Namespace = Record<string, unknown>;
type PackageTarget = Extract<Target, { kind: "package" }>;

const loaded = new Map<string, Namespace>();

/** Changes of a package for the preview, by its name. */
const adapted = new Map<string, (exports: Namespace) => Namespace>();

export function adapt(name: string, change: (exports: Namespace) => Namespace): void {
  adapted.set(name, change);
}

const isIcons = (target: PackageTarget) => target.name === "lucide-react" && target.icons !== null;

/** Brings the packages that these imports lead to; each is asked for once. */
export async function loadPackages(targets: Iterable<Target>): Promise<void> {
  const names = new Set<string>();
  const icons = new Set<string>();
  for (const target of targets) {
    if (target.kind !== "package") continue;
    if (isIcons(target)) for (const name of target.icons ?? []) icons.add(name);
    else names.add(target.name);
  }
  const wanted = [...names].filter((name) => !loaded.has(name));
  await Promise.all([...wanted.map(load), loadIcons([...icons].filter((name) => !iconOf(name)))]);
}

/** What a package exports, once it has been brought. */
export function requirePackage(target: PackageTarget): Namespace {
  const exports = loaded.get(target.name);
  if (exports) return exports;
  if (!isIcons(target)) throw new Error(`The package ${target.name} has not been loaded.`);
  const found = (target.icons ?? []).map((name) => [name, iconOf(name)] as const);
  const unknown = found.find(([, icon]) => !icon);
  if (unknown) throw new Error(`lucide-react has no icon called ${unknown[0]}.`);
  return asModule(Object.fromEntries(found));
}

async function load(name: string): Promise<void> {
  const namespace = asModule(await bring(name));
  loaded.set(name, adapted.get(name)?.(namespace) ?? namespace);
}

/** As `require` gives it to code that was an ES module. */
function asModule(exports: Namespace): Namespace {
  return Object.defineProperty({ ...exports }, "__esModule", { value: true });
}

const icons = new Map<string, unknown>();

/** An icon's own name: each is there as X, XIcon and LucideX. */
function ownName(name: string): string {
  return name.replace(/^Lucide(?=[A-Z])/, "").replace(/(?<=.)Icon$/, "");
}

function iconOf(name: string): unknown {
  return icons.get(ownName(name)) ?? loaded.get("lucide-react")?.[name];
}

async function loadIcons(names: string[]): Promise<void> {
  const buckets = new Set(names.map((name) => iconBucket(ownName(name))));
  await Promise.all(
    [...buckets].map(async (bucket) => {
      const part = await bring(`lucide-react/${bucket}`);
      for (const [name, icon] of Object.entries(part)) icons.set(name, icon);
    }),
  );
  // What is not an icon, like createLucideIcon, is in the whole package alone.
  if (names.some((name) => !iconOf(name))) await load("lucide-react");
}

const hinted = new Set<string>();
let neededFiles: Map<string, string[]> | null = null;

/** Imports a module of the import map; what it imports in turn is asked for in the same moment. */
export function bring(name: string): Promise<Namespace> {
  const list = document.getElementById("needed-files")?.textContent ?? "{}";
  neededFiles ??= new Map(Object.entries(JSON.parse(list) as Record<string, string[]>));
  for (const file of neededFiles.get(name) ?? []) {
    if (hinted.has(file)) continue;
    hinted.add(file);
    const hint = document.createElement("link");
    hint.rel = "modulepreload";
    hint.href = new URL(file, import.meta.url).href;
    document.head.append(hint);
  }
  return import(name) as Promise<Namespace>;
}
