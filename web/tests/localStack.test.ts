// @vitest-environment node
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createVite, type ViteDevServer } from "vite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { localStack } from "../scripts/localStack.mjs";

let stack: Server;
let stackUrl: string;
let vite: ViteDevServer;
let url: string;
let seen: Array<{ path: string | undefined; headers: IncomingHttpHeaders }>;

beforeEach(async () => {
  seen = [];
  stack = createServer((request, response) => {
    seen.push({ path: request.url, headers: request.headers });
    if (request.url === "/") response.setHeader("Set-Cookie", "vendor_session=token; HttpOnly");
    response.end("answer of the stack");
  });
  await new Promise<void>((listening) => stack.listen(0, "127.0.0.1", listening));
  stackUrl = addressOf(stack.address());
  vite = await createVite({
    configFile: false,
    logLevel: "silent",
    optimizeDeps: { noDiscovery: true },
    plugins: [localStack(stackUrl)],
    server: { host: "127.0.0.1", port: 0, ws: false },
  });
  await vite.listen();
  url = addressOf(vite.httpServer?.address());
});

afterEach(async () => {
  await vite.close();
  stack.close();
});

const addressOf = (address: unknown) => `http://127.0.0.1:${(address as AddressInfo).port}`;

const page = () => fetch(url, { headers: { accept: "text/html", cookie: "vendor_session=older" } });

test("the page with hot reload is signed in by the stack", async () => {
  const answer = await page();

  expect(answer.headers.getSetCookie()).toEqual(["vendor_session=token; HttpOnly"]);
  expect(await answer.text()).not.toContain("answer of the stack");
  expect(seen.map(({ path, headers }) => [path, headers.cookie])).toEqual([["/", "vendor_session=older"]]);
});

test("what it sends comes from the stack's own page", async () => {
  const answer = await fetch(`${url}/api/vendor/apps`, { method: "POST", headers: { origin: url } });

  expect(await answer.text()).toBe("answer of the stack");
  expect(seen[0]?.headers).toMatchObject({ origin: stackUrl, host: new URL(stackUrl).host });
});

test("what another page sends through it keeps that page's origin", async () => {
  await fetch(`${url}/api/vendor/apps`, { method: "POST", headers: { origin: "https://elsewhere.example" } });

  expect(seen[0]?.headers.origin).toBe("https://elsewhere.example");
});

test("where the stack does not run, the page says how to start it", async () => {
  await new Promise((closed) => stack.close(closed));

  expect(await (await page()).text()).toContain("make dev");
});
