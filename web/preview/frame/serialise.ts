import { LIMITS } from "../../src/preview/engine/protocol";

const DEPTH = 6;
const ENTRIES = 100;

/** A value as text, as a console shows it: bounded, whatever the app passes. */
export function serialise(value: unknown): string {
  const text = typeof value === "string" ? value : show(value, 0, []);
  return text.length > LIMITS.argument ? `${text.slice(0, LIMITS.argument)}…` : text;
}

/** The arguments of a console call as one text, with `%s` and its like filled in. */
export function serialiseCall(values: readonly unknown[]): string {
  const [first, ...rest] = values;
  const parts = typeof first === "string" ? [format(first, rest), ...rest.map(serialise)] : values.map(serialise);
  const text = parts.join(" ");
  return text.length > LIMITS.call ? `${text.slice(0, LIMITS.call)}…` : text;
}

/** Fills in the places of a format; takes from `rest` what it uses. */
function format(text: string, rest: unknown[]): string {
  return serialise(
    text.replace(/%([sdifoOc%])/g, (place, kind: string) => {
      if (kind === "%") return "%";
      if (rest.length === 0) return place;
      const value = rest.shift();
      if (kind === "c") return "";
      if (kind === "d" || kind === "i") return String(Number.parseInt(String(value), 10));
      return kind === "f" ? String(Number.parseFloat(String(value))) : serialise(value);
    }),
  );
}

function show(value: unknown, depth: number, above: readonly object[]): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, LIMITS.argument));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `ƒ ${value.name || "(anonymous)"}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (above.includes(value)) return "[Circular]";
  try {
    return showObject(value, depth, [...above, value]);
  } catch {
    return "[Object that cannot be read]";
  }
}

function showObject(value: object, depth: number, above: readonly object[]): string {
  if (value instanceof Error) return depth === 0 ? (value.stack ?? String(value)) : String(value);
  if (value instanceof Node) return showNode(value);
  if (value instanceof Date || value instanceof RegExp) return String(value);
  if (value instanceof Promise) return "Promise";
  const deeper = (item: unknown) => show(item, depth + 1, above);
  const name = Object.getPrototypeOf(value)?.constructor?.name as string | undefined;
  const prefix = name && name !== "Object" ? `${name} ` : "";
  if (depth >= DEPTH) return Array.isArray(value) ? "[…]" : `${prefix}{…}`;
  if (Array.isArray(value)) return list(value, deeper, "[", "]");
  if (value instanceof Map)
    return list([...value], ([key, item]) => `${deeper(key)} => ${deeper(item)}`, `Map(${value.size}) {`, "}");
  if (value instanceof Set) return list([...value], deeper, `Set(${value.size}) {`, "}");
  if (ArrayBuffer.isView(value)) return `${prefix}(${value.byteLength} bytes)`;
  // Getters are not called: they are the app's code.
  const entries = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(([, entry]) => entry.enumerable);
  return list(entries, ([key, entry]) => `${key}: ${entry.get ? "(…)" : deeper(entry.value)}`, `${prefix}{`, "}");
}

function list<T>(items: readonly T[], one: (item: T) => string, open: string, close: string): string {
  const shown = items.slice(0, ENTRIES).map(one);
  if (items.length > ENTRIES) shown.push(`… ${items.length - ENTRIES} more`);
  const gap = open.endsWith("{") && shown.length > 0 ? " " : "";
  return `${open}${gap}${shown.join(", ")}${gap}${close}`;
}

function showNode(node: Node): string {
  if (!(node instanceof Element)) return node.nodeName;
  const shell = node.cloneNode(false) as Element;
  return shell.outerHTML.slice(0, LIMITS.text);
}
