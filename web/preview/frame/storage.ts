import { LIMITS, type StorageArea } from "../../src/preview/engine/protocol";
import type { PageLink } from "./page";

/** Gives the app a localStorage and a sessionStorage, which the page keeps: this document's origin has none. */
export function shimStorage(page: PageLink, kept: Record<StorageArea, [string, string][]>): void {
  for (const area of ["local", "session"] as const) {
    const value = asStorage(new Map(kept[area]), (changes) => page.send({ type: "storage", area, changes }));
    Object.defineProperty(window, `${area}Storage`, { value, configurable: true });
  }
  let cookies = "";
  Object.defineProperty(document, "cookie", {
    get: () => cookies,
    set: (text: string) => {
      const pair = String(text).split(";", 1)[0] ?? "";
      const others = cookies.split("; ").filter((other) => other && other.split("=", 1)[0] !== pair.split("=", 1)[0]);
      cookies = [...others, pair].join("; ").slice(0, LIMITS.argument);
    },
    configurable: true,
  });
}

function asStorage(items: Map<string, string>, tell: (changes: [string, string | null][]) => void): object {
  let size = [...items].reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const methods = {
    getItem: (key: string) => items.get(String(key)) ?? null,
    setItem(key: string, value: string) {
      const [name, text] = [String(key), String(value)];
      const before = items.has(name) ? name.length + (items.get(name)?.length ?? 0) : 0;
      if (size - before + name.length + text.length > LIMITS.storage) {
        throw new DOMException(`Setting "${name.slice(0, LIMITS.text)}" exceeds the quota.`, "QuotaExceededError");
      }
      size += name.length + text.length - before;
      items.set(name, text);
      tell([[name, text]]);
    },
    removeItem(key: string) {
      const name = String(key);
      const before = items.get(name);
      if (before === undefined) return;
      size -= name.length + before.length;
      items.delete(name);
      tell([[name, null]]);
    },
    clear() {
      const changes = [...items.keys()].map((key): [string, null] => [key, null]);
      items.clear();
      size = 0;
      tell(changes);
    },
    key: (at: number) => [...items.keys()][at] ?? null,
  };
  // Apps also write `localStorage.name = value`.
  return new Proxy(methods, {
    get: (target, name) => {
      if (name === "length") return items.size;
      if (typeof name === "symbol" || Object.hasOwn(target, name)) return Reflect.get(target, name);
      return items.get(name);
    },
    set: (_, name, value) => {
      methods.setItem(String(name), value);
      return true;
    },
    deleteProperty: (_, name) => {
      methods.removeItem(String(name));
      return true;
    },
    has: (target, name) => Object.hasOwn(target, name) || items.has(String(name)),
    ownKeys: () => [...items.keys()],
    getOwnPropertyDescriptor: (_, name) =>
      items.has(String(name))
        ? { value: items.get(String(name)), enumerable: true, configurable: true, writable: true }
        : undefined,
  });
}
