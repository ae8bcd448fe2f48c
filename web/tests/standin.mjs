// A small server that speaks the API contract, for the page's own tests: one vendor, memory only,
// one scripted turn. `node tests/standin.mjs [port]` serves the built page on it as well.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { createPublishing } from "./standinPublish.mjs";
import { createUploads } from "./standinUploads.mjs";

const CHAT = "/api/vendor/ai-chat-v2";
const APPS = "/api/vendor/apps";
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data: blob:; worker-src 'self'; connect-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'";
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
};

const APP_TSX = `import { useState } from "react";
import { TodoItem, type Todo } from "./TodoItem";
import "./styles.css";

export default function App() {
  const [todos, setTodos] = useState<Todo[]>([]);
  const [draft, setDraft] = useState("");

  function add() {
    if (!draft.trim()) return;
    setTodos([...todos, { id: Date.now(), text: draft, done: false }]);
    setDraft("");
  }

  return (
    <main>
      <h1>Todo list</h1>
      <input value={draft} onChange={(event) => setDraft(event.target.value)} />
      <button onClick={add}>Add</button>
      <ul>
        {todos.map((todo) => (
          <TodoItem key={todo.id} todo={todo} />
        ))}
      </ul>
    </main>
  );
}
`;
const ITEM_TSX = `export interface Todo {
  id: number;
  text: string;
  done: boolean;
}

export function TodoItem({ todo }: { todo: Todo }) {
  return <li className={todo.done ? "done" : ""}>{todo.text}</li>;
}
`;

/** @param {{delayMs?: number, dist?: string}} options */
export async function serve({ delayMs = 0, dist, port = 0 } = {}) {
  const apps = new Map([
    [
      "demo-app",
      {
        appId: "demo-app",
        name: "Demo app",
        createdAt: Date.now(),
        updatedAt: Date.now(),
        revision: 0,
        files: new Map(),
        acceptedRules: 0,
        commits: [],
        states: [new Map()],
      },
    ],
  ]);
  const publishing = createPublishing(apps);
  const sessions = new Map();
  const pause = (ms = delayMs) => new Promise((resolve) => setTimeout(resolve, ms));
  let counter = 0;
  const uploads = createUploads(() => `http://127.0.0.1:${server.address().port}`);

  /** @type {(app: any, path: string, content: string | Buffer, by?: object) => number} */
  const write = (app, path, content, by = { author: "vendor", message: `Save ${path}` }) => {
    const known = app.files.get(path);
    const version = (known?.version ?? 0) + 1;
    const kind = typeof content === "string" ? { content } : { binary: true, mediaType: "image/png", bytes: content };
    app.files.set(path, { path, version, size: Buffer.byteLength(content), updatedAt: Date.now(), ...kind });
    if (path === "AGENTS.md" && by.author === "vendor") app.acceptedRules = version;
    commit(app, by, [{ path, action: known ? "edited" : "created", additions: linesOf(content), deletions: 0 }]);
    return version;
  };
  const linesOf = (content) => (typeof content === "string" ? content.split("\n").length : 0);
  /** What a file holds, fit to be compared. */
  const heldBy = (file) => file?.content ?? file?.bytes?.toString("base64");
  const commit = (app, by, changes) => {
    app.revision += 1;
    app.states[app.revision] = new Map(app.files);
    const last = app.commits.at(-1);
    if (by.turnId && last?.turnId === by.turnId && last.sessionId === by.sessionId) {
      last.revision = app.revision;
      last.changes.push(...changes);
    } else
      app.commits.push({
        ...by,
        revision: app.revision,
        baseRevision: app.revision - 1,
        createdAt: Date.now(),
        changes,
      });
  };
  const restore = (app, { revision, paths, force }) => {
    const state = app.states[revision];
    const named = paths ?? [...new Set([...state.keys(), ...app.files.keys()])];
    const differing = named.filter((path) => heldBy(state.get(path)) !== heldBy(app.files.get(path)));
    const undone = app.commits.find((commit) => commit.baseRevision === revision);
    // Changed since is what does not read as that checkpoint has left it, whatever was done in between.
    const left = app.states[undone?.revision ?? revision];
    const stale = differing.find((path) => heldBy(left.get(path)) !== heldBy(app.files.get(path)));
    if (paths && stale && !force) return { stale };
    for (const path of differing) {
      const file = state.get(path);
      if (file) app.files.set(path, { ...file, version: (app.files.get(path) ?? file).version + 1 });
      else app.files.delete(path);
    }
    const changes = differing.map((path) => ({
      path,
      action: state.has(path) ? "edited" : "deleted",
      additions: 0,
      deletions: 0,
    }));
    if (changes.length > 0) commit(app, { author: "vendor", message: `Restore revision ${revision}` }, changes);
    return { changes };
  };
  /** True where the files that a turn has changed read as they did before it. */
  const isUndone = (app, sessionId, turnId) => {
    const made = app.commits.find((commit) => commit.sessionId === sessionId && commit.turnId === turnId);
    const before = app.states[made?.baseRevision];
    return made?.changes.every(({ path }) => heldBy(before.get(path)) === heldBy(app.files.get(path))) ?? false;
  };
  const waitingRules = ({ files, acceptedRules }) => {
    // A deletion is a version too.
    const pendingVersion = files.get("AGENTS.md")?.version ?? (acceptedRules && acceptedRules + 1);
    return pendingVersion === acceptedRules ? undefined : { acceptedVersion: acceptedRules, pendingVersion };
  };
  const withoutBytes = ({ bytes: _, ...file }) => file;
  const withoutContent = ({ content: _, ...file }) => withoutBytes(file);

  function emit(session, type, data) {
    const turn = session.turn;
    turn.events.push({ id: `${turn.id}-${turn.events.length + 1}`, type, data, timestamp: Date.now() });
    for (const wake of turn.readers.splice(0)) wake();
  }

  async function runTurn(session, message) {
    const app = apps.get(session.appId);
    const say = async (text, type = "text_delta") => {
      for (const word of text.match(/\S+\s*/g) ?? []) {
        if (session.turn.cancelled) throw new Error("cancelled");
        emit(session, type, { text: word });
        await pause();
      }
    };
    const answer = [];
    const results = [];
    const modifications = [];
    const tools = async (calls) => {
      for (const call of calls) emit(session, "tool_use_start", { toolId: call.toolId, toolName: call.toolName });
      for (const { toolId, input, content } of calls) {
        for (const [index, line] of (content?.split(/(?<=\n)/) ?? []).entries()) {
          emit(session, "tool_use_input", { toolId, ...(index === 0 ? { path: input.path } : {}), delta: line });
          await pause();
        }
      }
      await pause(delayMs * 4);
      for (const call of calls)
        emit(session, "tool_use_progress", { ...name(call), status: "running", data: { input: call.input } });
      for (const call of calls) {
        await pause(delayMs * 12);
        if (session.turn.cancelled) throw new Error("cancelled");
        answer.push({ type: "tool_use", ...name(call), input: call.input });
        results.push({
          type: "tool_result",
          toolId: call.toolId,
          status: "completed",
          isError: false,
          content: call.summary,
          summary: call.summary,
          durationMs: 40,
        });
        if (call.content !== undefined) {
          const action = app.files.has(call.input.path) ? "edited" : "created";
          const version = write(app, call.input.path, call.content, {
            author: "ai",
            message,
            turnId: session.turn.id,
            sessionId: session.sessionId,
          });
          const change = {
            path: call.input.path,
            action,
            version,
            additions: call.content.split("\n").length,
            deletions: 0,
            toolId: call.toolId,
          };
          const { additions: _, deletions: __, ...modification } = change;
          modifications.push({ ...modification, turnId: session.turn.id, timestamp: Date.now() });
          emit(session, "file_change", change);
        }
        emit(session, "tool_use_progress", {
          ...name(call),
          status: "completed",
          data: { summary: call.summary, durationMs: 40 },
        });
      }
      emit(session, "tool_use_complete", {
        toolResults: calls.map((call) => ({
          ...name(call),
          status: "completed",
          isError: false,
          summary: call.summary,
          durationMs: 40,
        })),
      });
      emit(session, "step_complete", { step: 1 });
    };
    const name = ({ toolId, toolName }) => ({ toolId, toolName });
    const tool = (toolName, input, summary, content) => ({
      toolId: `tool-${++counter}`,
      toolName,
      input,
      summary,
      content,
    });
    const text = async (words) => {
      answer.push({ type: "text", text: words });
      await say(words);
    };
    const startedAt = Date.now();
    let usage = { inputTokens: 1240, outputTokens: 380, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };
    try {
      await say("The person wants something built. I will keep it small and clear.", "thinking_delta");
      answer.push({ type: "thinking", text: "The person wants something built. I will keep it small and clear." });
      if (app.files.has("src/App.tsx") && /change|heading|title/i.test(message)) {
        const current = app.files.get("src/App.tsx").content;
        await text("I read the file first, then change the heading.");
        await tools([tool("read_file", { path: "src/App.tsx" }, "30 lines")]);
        await tools([
          tool(
            "edit_file",
            { path: "src/App.tsx", edits: [] },
            "1 replacement",
            current.replace(/<h1>.*<\/h1>/, "<h1>My Tasks</h1>"),
          ),
        ]);
        await text("The heading now says **My Tasks**.");
      } else {
        await text(
          "I'll build a small todo app with React and TypeScript:\n\n- a list with a box to add to it\n- one component per item\n- a little CSS\n\n```tsx\n<TodoItem todo={todo} />\n```\n",
        );
        await tools([
          tool("create_file", { path: "src/App.tsx" }, "created, 30 lines", APP_TSX),
          tool("create_file", { path: "src/TodoItem.tsx" }, "created, 9 lines", ITEM_TSX),
          tool(
            "create_file",
            { path: "src/styles.css" },
            "created",
            "main {\n  max-width: 30rem;\n  margin: 3rem auto;\n}\n",
          ),
          tool("web_search", { query: "react todo app patterns" }, "3 results"),
        ]);
        await text("Done. The app is in `src/App.tsx`; [React's docs](https://react.dev) say more.");
      }
      const { found } = publishing.of(app.appId);
      if (found) {
        const check = { revision: app.revision, ok: found.length === 0, errors: found, durationMs: 700 };
        emit(session, "check_finished", check);
        answer.push({ type: "check", ...check });
      }
      emit(session, "message_complete", {
        turnId: session.turn.id,
        stopReason: "end_turn",
        usage,
        fileChanges: session.turn.events.filter((event) => event.type === "file_change").map((event) => event.data),
      });
      session.status = "idle";
    } catch {
      usage = { ...usage, inputTokens: 10, outputTokens: 5 };
      emit(session, "turn_cancelled", { turnId: session.turn.id, usage });
      session.status = "cancelled";
    }
    const stored = (role, content) =>
      session.messages.push({ id: `m${++counter}`, turnId: session.turn.id, role, content, createdAt: Date.now() });
    stored("assistant", answer);
    if (results.length > 0) stored("user", results);
    if (session.status === "cancelled") stored("assistant", [{ type: "notice", text: "This answer was stopped." }]);
    session.messages.at(-1).turn = {
      status: session.status,
      usage,
      fileChanges: session.turn.events.filter((event) => event.type === "file_change").map((event) => event.data),
      startedAt,
      endedAt: Date.now(),
      undone: false,
    };
    session.usage.inputTokens += usage.inputTokens;
    session.usage.outputTokens += usage.outputTokens;
    session.fileModifications.push(...modifications);
    session.turn.ended = true;
    session.updatedAt = Date.now();
  }

  async function stream(session, after, response) {
    const turn = session.turn;
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    for (let index = after; ; index += 1) {
      while (index >= turn.events.length) {
        await new Promise((resolve) => turn.readers.push(resolve));
        if (response.destroyed) return;
      }
      const { id, ...event } = turn.events[index];
      response.write(`id: ${id}\ndata: ${JSON.stringify(event)}\n\n`);
      if (["message_complete", "turn_cancelled", "error"].includes(event.type)) return response.end();
      // What a dropped connection looks like, when a test asks for one.
      if (session.dropAfter === index + 1) {
        session.dropAfter = undefined;
        return response.destroy();
      }
    }
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const answer = (status, value) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ success: status < 400, ...value }));
    };
    const refuse = (status, code, extra = {}) =>
      answer(status, { error: { code, message: code, requestId: "r", ...extra } });
    const query = url.searchParams;
    if (await uploads.handle({ request, url, body: raw, response, answer, refuse })) return;
    const body = raw.length > 0 ? JSON.parse(raw.toString()) : {};

    if (url.pathname === "/config.json") {
      response.writeHead(200, { "Content-Type": "application/json" });
      return response.end(
        JSON.stringify({
          basePath: CHAT,
          appsPath: APPS,
          demo: { model: true, search: true, store: true },
          vendor: "local-vendor",
        }),
      );
    }
    if (url.pathname === `${CHAT}/budget`) {
      const usedTokens = [...sessions.values()].reduce((sum, { usage }) => sum + usage.inputTokens, 0);
      return answer(200, { budget: { usedTokens, limitTokens: 2_000_000, resetsAt: Date.now() + 3_600_000 } });
    }
    if (url.pathname === CHAT) {
      if (request.method === "POST") {
        if (!apps.has(body.appId)) return refuse(404, "not_found");
        const attached = uploads.blocks(body.appId, body.attachments ?? []);
        if (!attached) return refuse(400, "invalid_request", { message: "An attached file is not there any more." });
        const known = body.sessionId ? sessions.get(body.sessionId) : undefined;
        if (body.sessionId && !known) return refuse(404, "not_found");
        if (known?.turn.messageId !== body.messageId && known?.status === "running")
          return refuse(409, "session_busy", { turnId: known.turn.id });
        const session = known ?? {
          sessionId: `s${++counter}`,
          appId: body.appId,
          title: body.message.slice(0, 40),
          messages: [],
          fileModifications: [],
          createdAt: Date.now(),
          usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
          turn: { id: 0 },
        };
        sessions.set(session.sessionId, session);
        session.status = "running";
        session.turn = { id: session.turn.id + 1, messageId: body.messageId, events: [], readers: [] };
        session.dropAfter = server.dropNextAfter;
        server.dropNextAfter = undefined;
        if (body.replaces !== undefined) {
          const from = session.messages.findIndex((message) => message.id === body.replaces);
          if (from === -1) return refuse(404, "not_found");
          session.messages.splice(from);
        }
        session.messages.push({
          id: body.messageId,
          turnId: session.turn.id,
          role: "user",
          content: [...attached, { type: "text", text: body.message }],
          createdAt: Date.now(),
        });
        emit(session, "connection_established", {
          sessionId: session.sessionId,
          appId: session.appId,
          turnId: session.turn.id,
          messageId: body.messageId,
          model: "demo-model",
        });
        emit(session, "session_title", { title: session.title });
        void runTurn(session, body.message);
        return stream(session, 0, response);
      }
      if (query.has("appId"))
        return answer(200, {
          sessions: [...sessions.values()]
            .filter((session) => session.appId === query.get("appId"))
            .sort((a, b) => b.createdAt - a.createdAt)
            .map(({ sessionId, title, status, createdAt, updatedAt }) => ({
              sessionId,
              title,
              status,
              createdAt,
              updatedAt: updatedAt ?? createdAt,
            })),
        });
      const session = sessions.get(query.get("sessionId"));
      if (!session) return refuse(404, "not_found");
      if (request.method === "DELETE") {
        session.turn.cancelled = true;
        sessions.delete(session.sessionId);
        return answer(200, {});
      }
      if (request.method === "PUT") {
        session.title = body.title;
        const { sessionId, title, status, createdAt, updatedAt } = session;
        return answer(200, { session: { sessionId, title, status, createdAt, updatedAt } });
      }
      for (const { turn, turnId } of session.messages) {
        if (turn) turn.undone = isUndone(apps.get(session.appId), session.sessionId, turnId);
      }
      const { turn: _, dropAfter: __, usage, ...shown } = session;
      const metadata = { model: "demo-model", usage };
      return answer(200, { session: { ...shown, pendingTools: [], pendingApprovals: [], metadata, hasMore: false } });
    }
    const [, sessionId, verb] = new RegExp(`^${CHAT}/([^/]+)/(stream|cancel)$`).exec(url.pathname) ?? [];
    if (verb) {
      const session = sessions.get(sessionId);
      if (!session) return refuse(404, "not_found");
      if (verb === "cancel") {
        session.turn.cancelled = true;
        return answer(200, { cancelled: session.status === "running" });
      }
      const [turn, seq] = (request.headers["last-event-id"] ?? "0-0").split("-").map(Number);
      const after = turn === session.turn.id ? seq : 0;
      if (session.turn.ended && (turn === 0 || after >= session.turn.events.length)) {
        response.writeHead(204);
        return response.end();
      }
      return stream(session, after, response);
    }
    const [, owner, route] =
      new RegExp(`^${APPS}/([^/]+)/(check|policy|publish|publish/rollback|git|git/push)$`).exec(url.pathname) ?? [];
    const { method } = request;
    if (route && (await publishing.handle({ method, appId: owner, route, body, answer, refuse }))) return;
    if (url.pathname === `${APPS}/import`) {
      if (!/^https:/.test(body.url)) return refuse(400, "invalid_request", { message: "url must be https." });
      const app = { ...apps.get("demo-app"), appId: `app-${++counter}`, name: body.url.split("/").at(-1) };
      apps.set(app.appId, { ...app, files: new Map(), commits: [], states: [new Map()] });
      return answer(201, {
        app: { ...app, files: undefined },
        skipped: [{ path: "video.mp4", reason: "larger than 1 MB" }],
      });
    }
    if (url.pathname === APPS) {
      if (request.method === "GET")
        return answer(200, { apps: [...apps.values()].map(({ files: _, commits: __, states: ___, ...app }) => app) });
      const app = {
        appId: `app-${++counter}`,
        name: body.name,
        createdAt: Date.now(),
        updatedAt: Date.now(),
        revision: 0,
        files: new Map(),
        acceptedRules: 0,
        commits: [],
        states: [new Map()],
      };
      apps.set(app.appId, app);
      return answer(201, { app: { ...app, files: undefined } });
    }
    const [, appId, resource] =
      new RegExp(`^${APPS}/([^/]+)(?:/(files|file|raw|rules|checkpoints|diff|restore|rename))?$`).exec(url.pathname) ??
      [];
    if (appId) {
      const app = apps.get(appId);
      if (!app) return refuse(404, "not_found");
      if (!resource) {
        apps.delete(appId);
        return answer(200, {});
      }
      if (resource === "rules") {
        const rules = app.files.get("AGENTS.md");
        if (rules?.version !== body.version) return refuse(409, "version_conflict", { file: rules ?? null });
        app.acceptedRules = body.version;
        return answer(200, { rules: { acceptedVersion: body.version, pendingVersion: 0 } });
      }
      if (resource === "files")
        return answer(200, {
          revision: app.revision,
          rules: waitingRules(app),
          files: [...app.files.values()].map((file) =>
            query.get("content") === "1" && file.size <= 200_000 ? withoutBytes(file) : withoutContent(file),
          ),
        });
      if (resource === "checkpoints") {
        const before = Number(query.get("before") ?? Number.POSITIVE_INFINITY);
        const limit = Number(query.get("limit") ?? 200);
        const earlier = app.commits.filter((commit) => commit.revision < before).toReversed();
        return answer(200, { checkpoints: earlier.slice(0, limit), hasMore: earlier.length > limit });
      }
      if (resource === "diff") {
        const [before, after] = [app.states[Number(query.get("from"))], app.states[Number(query.get("to"))]];
        const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
          (path) => heldBy(before.get(path)) !== heldBy(after.get(path)),
        );
        const isBinary = (path) => before.get(path)?.binary || after.get(path)?.binary;
        // Its binary files are PNGs: https://www.w3.org/TR/png/#11IHDR
        const mediaOf = ({ bytes, mediaType }) =>
          bytes?.length >= 24 && { mediaType, width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
        const sizes = (path) => ({
          binary: true,
          sizeBefore: before.get(path)?.size ?? 0,
          sizeAfter: after.get(path)?.size ?? 0,
          ...mediaOf(after.get(path) ?? before.get(path)),
        });
        const signed = (sign, file) =>
          (file?.content ?? "")
            .split("\n")
            .slice(0, -1)
            .map((line) => `${sign}${line}\n`)
            .join("");
        return answer(200, {
          files: paths.map((path) => ({
            path,
            action: !before.has(path) ? "created" : after.has(path) ? "edited" : "deleted",
            ...(isBinary(path)
              ? sizes(path)
              : {
                  diff: `--- a/${path}\n+++ b/${path}\n@@ @@\n${signed("-", before.get(path))}${signed("+", after.get(path))}`,
                }),
          })),
        });
      }
      if (resource === "restore") {
        const { stale, changes } = restore(app, body);
        if (stale) return refuse(409, "version_conflict", { path: stale, file: app.files.get(stale) ?? null });
        return answer(200, { revision: app.revision, changes });
      }
      if (resource === "rename" || request.method === "DELETE") {
        const path = body.path ?? query.get("path");
        const file = app.files.get(path);
        if (file?.version !== Number(body.baseVersion ?? query.get("baseVersion")))
          return refuse(409, "version_conflict", { file: file ?? null });
        if (app.files.has(body.newPath)) return refuse(409, "path_conflict");
        app.files.delete(path);
        const by = (message) => ({ author: "vendor", message });
        if (request.method === "DELETE") {
          if (path === "AGENTS.md") app.acceptedRules = 0;
          commit(app, by(`Delete ${path}`), [{ path, action: "deleted", additions: 0, deletions: 0 }]);
          return answer(200, { revision: app.revision });
        }
        const moved = { ...file, path: body.newPath, version: 1 };
        app.files.set(body.newPath, moved);
        const change = { path: body.newPath, previousPath: path, action: "renamed", additions: 0, deletions: 0 };
        commit(app, by(`Rename ${path}`), [change]);
        return answer(200, { revision: app.revision, file: withoutContent(moved) });
      }
      if (request.method === "GET") {
        const wanted = Number(query.get("version") ?? 0);
        const states = wanted > 0 ? app.states : [app.files];
        const file = states
          .map((state) => state?.get(query.get("path")))
          .find((state) => state && (wanted === 0 || state.version === wanted));
        if (!file) return refuse(404, "not_found");
        if (resource === "file") return answer(200, { file: withoutBytes(file) });
        response.writeHead(200, { "Content-Type": file.mediaType ?? "text/plain" });
        return response.end(file.bytes ?? file.content);
      }
      const current = app.files.get(body.path);
      if ((current?.version ?? 0) !== body.baseVersion)
        return refuse(409, "version_conflict", { file: current ? withoutBytes(current) : null });
      write(app, body.path, body.content ?? Buffer.from(body.contentBase64, "base64"));
      return answer(200, { revision: app.revision, file: withoutContent(app.files.get(body.path)) });
    }
    if (!dist) return refuse(404, "not_found");
    const path = url.pathname === "/" ? "/index.html" : url.pathname;
    try {
      const content = await readFile(join(dist, path));
      response.writeHead(200, {
        "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
        "Content-Security-Policy": CSP,
      });
      response.end(content);
    } catch {
      refuse(404, "not_found");
    }
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    apps,
    sessions,
    uploads,
    publishing,
    write,
    /** Breaks the next stream off after so many events. */
    dropNextAfter: (events) => {
      server.dropNextAfter = events;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const dist = new URL("../dist", import.meta.url).pathname;
  const server = await serve({ delayMs: 40, dist, port: Number(process.argv[2] ?? 0) });
  console.log(server.url);
}
