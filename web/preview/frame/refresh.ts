import * as refresh from "react-refresh/runtime";
import type { Local } from "./linker";

type Exports = Record<string, unknown>;

// React looks for this when it is loaded.
refresh.injectIntoGlobalHook(window);

interface Origin {
  path: string;
  name: string;
}

const origins = new Map<unknown, Origin>();
/** The app's own hooks by name, with the hooks that each of them calls. */
const ownHooks = new Map<string, string[]>();

/** Where a component comes from; undefined for those of packages. */
export function originOf(type: unknown): Origin | undefined {
  return origins.get(type) ?? origins.get(innerType(type));
}

/** Makes the components of a module known, so that React can tell the old from the new. */
export function registerModule(path: string, exports: Exports, locals: Local[]): void {
  const types = new Set<unknown>();
  const add = (value: unknown, name: string) => {
    if (typeof value === "function" && /^use[A-Z]/.test(name)) ownHooks.set(name, hooksIn(value));
    if (!isComponent(value, name)) return;
    refresh.register(value, `${path} ${name}`);
    if (!origins.has(value)) origins.set(value, { path, name: name === "default" ? nameOf(value, path) : name });
    types.add(value);
  };
  for (const [name, value] of locals) add(declaredValue(value), name);
  for (const [name, value] of Object.entries(exports)) add(value, name);
  // After all of the module is known: its components call its hooks.
  for (const type of types) refresh.setSignature(type, signature(type));
}

/** Names are found by how declarations look, so that one may not be there. */
function declaredValue(value: () => unknown): unknown {
  try {
    return value();
  } catch {
    return undefined;
  }
}

/** React takes the new components in place of the old ones; state stays where the list of hooks is the same. */
export const refreshComponents = refresh.performReactRefresh;

/** True if all that a module exports are components: its importers need not run again. */
export function isBoundary(exports: Exports | undefined): boolean {
  const entries = Object.entries(exports ?? {});
  return entries.length > 0 && entries.every(([name, value]) => isComponent(value, name));
}

function isComponent(value: unknown, name: string): boolean {
  if (!refresh.isLikelyComponentType(value)) return false;
  if (name !== "default") return /^[A-Z]/.test(name);
  const own = typeof value === "function" ? value.name : "";
  return own === "" || own === "default" || /^[A-Z_]/.test(own);
}

function nameOf(type: unknown, path: string): string {
  const inner = innerType(type) as { name?: string; displayName?: string };
  const file = path.replace(/^.*\//, "").replace(/\.\w+$/, "");
  return inner.displayName || (inner.name && inner.name !== "default" ? inner.name : file);
}

/** The function inside memo() and forwardRef(). */
function innerType(type: unknown): unknown {
  if (typeof type !== "object" || type === null) return type;
  if ("type" in type) return innerType(type.type);
  return "render" in type ? type.render : type;
}

function hooksIn(type: unknown): string[] {
  return typeof type === "function" ? (Function.prototype.toString.call(type).match(/\buse[A-Z]\w*/g) ?? []) : [];
}

/** The hooks that a component calls, and those inside of the app's own hooks. */
function signature(type: unknown): string {
  const seen = new Set<string>();
  const expand = (name: string): string => {
    const inner = seen.has(name) ? undefined : ownHooks.get(name);
    seen.add(name);
    return inner ? `${name}(${inner.map(expand).join()})` : name;
  };
  return hooksIn(innerType(type)).map(expand).join();
}
