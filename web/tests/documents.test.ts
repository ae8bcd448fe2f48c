/** The client in docs/MIGRATION.md does what is said of it. */
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { complete, established, sse, turnEvents } from "./events";
import { serve } from "./standin.mjs";

interface Turn {
  base: string;
  token: string;
  appId: string;
  message: string;
  draw(text: string): void;
}

async function documentedClient(): Promise<{ show(turn: Turn): Promise<string> }> {
  const text = readFileSync("../docs/MIGRATION.md", "utf8");
  const code = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map((block) => block[1]).join("\n");
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
}

const turn: Turn = { base: "", token: "t", appId: "demo-app", message: "Hi", draw: () => undefined };

test("it reads an answer to its end", async () => {
  const server = await serve();
  const { show } = await documentedClient();

  const said = await show({ ...turn, base: `${server.url}/api/vendor/ai-chat-v2`, message: "Create a todo app" });

  expect(said).toContain("todo");
  await server.close();
});

test("it posts a message again under its id, goes on at the last event, and takes back what is reset", async () => {
  const event = turnEvents();
  const all = [
    event("connection_established", established()),
    event("text_delta", { text: "kept " }),
    event("step_complete", { step: 1 }),
    event("text_delta", { text: "thrown away" }),
    event("step_reset", { reason: "overloaded" }),
    event("text_delta", { text: "and this" }),
    event("message_complete", complete()),
  ];
  const stream = { "Content-Type": "text/event-stream" };
  const answers: ((answer: ServerResponse) => void)[] = [
    (answer) => answer.writeHead(503, { "Retry-After": "0.01" }).end("{}"),
    // It breaks off in the middle.
    (answer) => answer.writeHead(200, stream).write(sse(all.slice(0, 2)), () => answer.destroy()),
    (answer) => answer.writeHead(200, stream).end(`: keep-alive\n\n${sse(all.slice(2))}`),
  ];
  const asked: { path: string | undefined; lastId: unknown; body: string }[] = [];
  const server = createServer(async (request, answer) => {
    const body = (await request.toArray()).join("");
    asked.push({ path: request.url, lastId: request.headers["last-event-id"], body });
    answers.shift()?.(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const { show } = await documentedClient();
  expect(await show({ ...turn, base: `http://127.0.0.1:${port}/chat` })).toBe("kept and this");

  const ids = asked.slice(0, 2).map(({ body }) => JSON.parse(body).messageId);
  expect(new Set(ids).size).toBe(1);
  expect(asked[2]).toMatchObject({ path: "/chat/s1/stream", lastId: "1-2" });
  server.close();
});
