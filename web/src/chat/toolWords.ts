/** What tool calls are called in the chat: in the status line, in the line of a batch and in its rows. */
import { isRecord } from "../api/errors";
import { isSettled, type ToolCall } from "./model";

interface Words {
  doing: string;
  done: string;
  /** True for tools whose calls are told apart by the file that they are about. */
  ofFile?: boolean;
}

const WORDS = new Map<string, Words>([
  ["list_files", { doing: "Listing the files", done: "Listed the files" }],
  ["read_file", { doing: "Reading", done: "Read", ofFile: true }],
  ["search_files", { doing: "Searching the files", done: "Searched the files" }],
  ["create_file", { doing: "Creating", done: "Created", ofFile: true }],
  ["edit_file", { doing: "Editing", done: "Edited", ofFile: true }],
  ["use_attachment", { doing: "Adding", done: "Added", ofFile: true }],
  ["rename_file", { doing: "Renaming", done: "Renamed", ofFile: true }],
  ["delete_file", { doing: "Deleting", done: "Deleted", ofFile: true }],
  ["check_app", { doing: "Checking the app", done: "Checked the app" }],
  ["look_at_preview", { doing: "Looking at the preview", done: "Looked at the preview" }],
  ["ask_user", { doing: "Asking you", done: "Asked you" }],
  ["publish_app", { doing: "Publishing the app", done: "Published the app" }],
  ["push_app", { doing: "Pushing to git", done: "Pushed to git" }],
  ["web_search", { doing: "Searching the web", done: "Searched the web" }],
  ["web_fetch", { doing: "Reading a page", done: "Read a page" }],
]);

function wordsOf(name: string): Words {
  const plain = name.replaceAll("_", " ");
  return WORDS.get(name) ?? { doing: `Using ${plain}`, done: `Used ${plain}` };
}

/** What a call is about, in a few words: its path, its query, its pattern. */
export function toolTarget(tool: ToolCall): string {
  const given = isRecord(tool.input) ? tool.input : {};
  for (const key of ["path", "query", "pattern", "glob", "url"]) {
    const value = given[key];
    if (typeof value === "string" && value) return value;
  }
  return tool.writing?.path ?? "";
}

export function isOfFile(tool: ToolCall): boolean {
  return wordsOf(tool.name).ofFile ?? false;
}

/** One call: "Creating src/App.tsx", "Searched the web for "forms"". */
export function toolSentence(tool: ToolCall): string {
  const { doing, done, ofFile } = wordsOf(tool.name);
  const verb = isSettled(tool.status) ? done : doing;
  const target = toolTarget(tool);
  if (!target) return verb;
  if (tool.name === "web_fetch") return `${verb}: ${target}`;
  return ofFile ? `${verb} ${target}` : `${verb} for "${target}"`;
}

/** A batch in one line: "Created 30 files, searched the web", "Editing src/App.tsx, 1 failed". */
export function batchSentence(tools: ToolCall[]): string {
  const groups = new Map<string, ToolCall[]>();
  for (const tool of tools) groups.set(tool.name, [...(groups.get(tool.name) ?? []), tool]);
  const phrases = [...groups].flatMap(([name, calls]) => {
    // A call that came to nothing is not something that was done.
    const counted = calls.filter((call) => !hasFailed(call) && call.status !== "cancelled");
    return counted.length > 0 ? [phrase(wordsOf(name), counted)] : [];
  });
  const failed = tools.filter(hasFailed).length;
  const cancelled = tools.filter((tool) => tool.status === "cancelled").length;
  if (failed > 0) phrases.push(`${failed} failed`);
  if (cancelled > 0) phrases.push(phrases.length > 0 ? `${cancelled} stopped` : stoppedPhrase(tools));
  return phrases.map((words, index) => (index === 0 ? words : words[0]?.toLowerCase() + words.slice(1))).join(", ");
}

function stoppedPhrase(tools: ToolCall[]): string {
  if (!tools.every(isOfFile))
    return tools.length === 1 ? "Stopped before it was done" : `Stopped before ${tools.length} calls`;
  return tools.length === 1 ? "Stopped before a file was changed" : `Stopped before ${tools.length} files were changed`;
}

export function hasFailed(tool: ToolCall): boolean {
  return tool.status === "failed" || tool.status === "timed_out";
}

function phrase(words: Words, calls: ToolCall[]): string {
  const verb = calls.every((call) => isSettled(call.status)) ? words.done : words.doing;
  if (!words.ofFile) return verb;
  const paths = new Set(calls.map((call) => toolTarget(call) || call.id));
  const [only] = calls.map(toolTarget);
  if (paths.size === 1) return `${verb} ${only || "a file"}`;
  return `${verb} ${paths.size} files`;
}
