/** The parts of an answer as they are shown: texts, and between them what was thought and done, one line each. */
import { isSettled, type Part, type Request, type ToolCall } from "./model";

type Thinking = Extract<Part, { kind: "thinking" }>;

/** What stands by itself in an answer. */
export type Said = Extract<Part, { kind: "text" | "notice" | "check" }>;

export type Passage =
  | { kind: Said["kind"]; key: string; part: Said; isLast: boolean }
  | { kind: "request"; key: string; request: Request }
  | { kind: "activity"; key: string; thinking: Thinking[]; tools: ToolCall[]; isThinking: boolean };

/**
 * What happens between two texts belongs together, however many steps it took. A call that needs a yes comes after that.
 * With `asks`, calls that are not settled wait for the vendor, and are shown by what the vendor is asked.
 */
export function passagesOf(parts: Part[], live: boolean, asks = false): Passage[] {
  const passages: Passage[] = [];
  for (const [index, part] of afterTheirRequests(parts).entries()) {
    const isLast = live && index === parts.length - 1;
    if (part.kind === "request") {
      passages.push({ kind: "request", key: `part-${index}`, request: part.request });
      continue;
    }
    if (part.kind !== "tool" && part.kind !== "thinking") {
      passages.push({ kind: part.kind, key: `part-${index}`, part, isLast });
      continue;
    }
    if (asks && part.kind === "tool" && !isSettled(part.tool.status) && part.tool.name !== "look_at_preview") continue;
    let activity = passages.at(-1);
    if (activity?.kind !== "activity") {
      activity = { kind: "activity", key: `part-${index}`, thinking: [], tools: [], isThinking: false };
      passages.push(activity);
    }
    if (part.kind === "tool") activity.tools.push(part.tool);
    else activity.thinking.push(part);
    activity.isThinking = isLast && part.kind === "thinking";
  }
  return withOneThought(passages);
}

/** The parts with each call behind what was asked before it was made. */
function afterTheirRequests(parts: Part[]): Part[] {
  const calls = new Map<string, Part>();
  for (const part of parts) if (part.kind === "tool") calls.set(part.tool.id, part);
  const asked = parts.flatMap((part) =>
    part.kind === "request" && part.request.kind === "approval" ? [part.request.toolId] : [],
  );
  if (asked.length === 0) return parts;
  return parts.flatMap((part): Part[] => {
    if (part.kind === "tool") return asked.includes(part.tool.id) ? [] : [part];
    const call = part.kind === "request" && part.request.kind === "approval" && calls.get(part.request.toolId);
    return call ? [part, call] : [part];
  });
}

/** What was thought in an answer stands in one place, where the first thought was; only what is thought now is apart. */
function withOneThought(passages: Passage[]): Passage[] {
  const thoughtful = passages.filter((passage) => passage.kind === "activity" && passage.thinking.length > 0);
  const [first, ...later] = thoughtful;
  if (first?.kind !== "activity") return passages;
  for (const passage of later) {
    if (passage.kind !== "activity" || passage.isThinking) continue;
    first.thinking.push(...passage.thinking);
    passage.thinking = [];
  }
  return passages.filter(
    (passage) => passage.kind !== "activity" || passage.thinking.length + passage.tools.length > 0,
  );
}

/** How long a batch took from its first call to the end of its last, or how long it has been running. */
export function durationOf(tools: ToolCall[], now: number): number {
  const lengths = tools.map((tool) => tool.durationMs ?? 0);
  const starts = tools.flatMap((tool) => tool.startedAt ?? []);
  if (starts.length === 0) return Math.max(0, ...lengths);
  const ends = tools.map((tool) => (isSettled(tool.status) ? (tool.startedAt ?? 0) + (tool.durationMs ?? 0) : now));
  return Math.max(...ends) - Math.min(...starts);
}
