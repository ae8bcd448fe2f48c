import { isRecord } from "../api/errors";
import type { Source } from "../api/types";
import { type Line, Lines, plainLines, replacedLines } from "./Lines";
import type { ToolCall } from "./model";
import SourceList from "./SourceList";

const ON_THE_WEB = new Set(["web_search", "web_fetch"]);

/** What a call was given and what came of it: code as code, changes as changes, all else in plain words. */
export default function ToolDetails({ tool }: { tool: ToolCall }) {
  const input = isRecord(tool.input) ? tool.input : {};
  const sources = sourcesOf(tool);
  const written = typeof input.content === "string" ? input.content : tool.writing?.text;
  const edits = editsOf(input.edits);
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      {tool.error !== undefined && (
        <p dir="auto" className="px-3 py-2 text-xs break-words whitespace-pre-wrap text-danger">
          {tool.error || "No reason was given."}
        </p>
      )}
      {edits.length > 0 && <Lines label="Changed lines" lines={edits} signs />}
      {edits.length === 0 && written !== undefined && <Lines label="Text of the file" lines={plainLines(written)} />}
      {edits.length === 0 && written === undefined && <Fields input={input} />}
      {sources.length > 0 ? (
        <div className="border-t border-line px-3 py-2">
          <SourceList sources={sources} />
        </div>
      ) : (
        <Result tool={tool} />
      )}
    </div>
  );
}

function editsOf(edits: unknown): Line[] {
  if (!Array.isArray(edits)) return [];
  return edits.flatMap((edit: unknown, index): Line[] => {
    if (!isRecord(edit) || typeof edit.old !== "string" || typeof edit.new !== "string") return [];
    const place: Line[] = edits.length > 1 ? [{ kind: "place", text: `Change ${index + 1} of ${edits.length}` }] : [];
    return [...place, ...replacedLines(edit.old, edit.new)];
  });
}

/** What a call was given, field by field. */
export function Fields({ input }: { input: Record<string, unknown> }) {
  const fields = Object.entries(input).filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (fields.length === 0) return null;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 px-3 py-2 text-xs">
      {fields.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name.replaceAll("_", " ")}</dt>
          <dd dir="auto" className="min-w-0 font-mono break-words whitespace-pre-wrap">
            {typeof value === "object" ? JSON.stringify(value, null, 2) : String(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Result({ tool }: { tool: ToolCall }) {
  const said = tool.error === undefined ? tool.summary : undefined;
  if (!said || typeof (isRecord(tool.input) ? tool.input.content : undefined) === "string") return null;
  return said.includes("\n") ? (
    <div className="border-t border-line">
      <Lines label="Result" lines={plainLines(said)} />
    </div>
  ) : (
    <p dir="auto" className="border-t border-line px-3 py-2 text-xs break-words text-muted">
      {said}
    </p>
  );
}

/** The pages that a tool found or read, in its summary while it runs and in its result later. */
function sourcesOf(tool: ToolCall): Source[] {
  if (!ON_THE_WEB.has(tool.name) || tool.error !== undefined) return [];
  const found = (tool.summary ?? "").matchAll(/^\d+\. (.+)\n +URL: (\S+)$/gm);
  const byUrl = new Map<string, Source>();
  for (const [, title, url] of found) if (title && url) byUrl.set(url, { title, url });
  return [...byUrl.values()];
}
