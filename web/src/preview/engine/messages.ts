import { type ErrorKind, type FromFrame, LIMITS } from "./protocol";

/** What came from the frame, if it is what a frame may say: the app in it can send whatever it wants. */
export function readMessage(data: unknown, nonce: string): FromFrame | null {
  if (!isRecord(data) || data.nonce !== nonce) return null;
  switch (data.type) {
    case "painted":
    case "pickingEnded":
    case "reload":
      return { type: data.type };
    case "pong":
      return typeof data.count === "number" ? { type: "pong", count: data.count } : null;
    case "photographed":
      return readPicture(data);
    case "modal":
      return typeof data.open === "boolean" ? { type: "modal", open: data.open } : null;
    case "console":
      return readConsole(data);
    case "error":
      return readError(data);
    case "visits":
      return readVisits(data);
    case "storage":
      return readStorage(data);
    case "picked":
      return readPicked(data);
    default:
      return null;
  }
}

const LEVELS = ["debug", "log", "info", "warn", "error"] as const;
const KINDS: readonly ErrorKind[] = ["import", "render", "event", "promise", "unresponsive"];

function readConsole({ level, text, stack }: Record<string, unknown>): FromFrame | null {
  const known = LEVELS.find((one) => one === level);
  if (!known || !isText(text, LIMITS.call + 1) || !isText(stack, LIMITS.stack)) return null;
  return { type: "console", level: known, text, stack };
}

function readError({ build, kind, message, stack }: Record<string, unknown>): FromFrame | null {
  const known = KINDS.find((one) => one === kind);
  if (!known || !isText(message, LIMITS.argument + 1) || !isText(stack, LIMITS.stack)) return null;
  if (typeof build !== "number") return null;
  return { type: "error", build, kind: known, message, stack };
}

function readVisits({ entries, index }: Record<string, unknown>): FromFrame | null {
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > LIMITS.visits) return null;
  if (!entries.every((entry): entry is string => isPath(entry))) return null;
  if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= entries.length) return null;
  return { type: "visits", entries, index };
}

function readStorage({ area, changes }: Record<string, unknown>): FromFrame | null {
  if ((area !== "local" && area !== "session") || !Array.isArray(changes)) return null;
  const valid = changes.every(
    (change): change is [string, string | null] =>
      Array.isArray(change) &&
      change.length === 2 &&
      isText(change[0], LIMITS.storage) &&
      (change[1] === null || isText(change[1], LIMITS.storage)),
  );
  return valid ? { type: "storage", area, changes } : null;
}

function readPicture({ count, picture }: Record<string, unknown>): FromFrame | null {
  if (typeof count !== "number") return null;
  const isFit = picture instanceof Blob && /^image\/(jpeg|png)$/.test(picture.type) && picture.size <= LIMITS.picture;
  return { type: "photographed", count, picture: isFit ? picture : null };
}

function readPicked({ component, text, stack }: Record<string, unknown>): FromFrame | null {
  if (!isText(component, LIMITS.text) || !isText(text, LIMITS.text) || !isText(stack, LIMITS.stack)) return null;
  return { type: "picked", component, text, stack };
}

/** A place within the app, as its address bar shows it. */
export function isPath(value: unknown): value is string {
  return isText(value, LIMITS.path) && /^\/(?!\/)/.test(value);
}

function isText(value: unknown, limit: number): value is string {
  return typeof value === "string" && value.length <= limit;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
