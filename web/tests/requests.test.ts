import { expect, test } from "vitest";
import { createApi, DEFAULT_CONFIG } from "../src/api/client";
import type { ApiError } from "../src/api/errors";
import type { Fetch } from "../src/api/requests";
import { chat, fakeClock, refusal, response } from "./chat";
import { complete, established, sse, turnEvents } from "./events";

/** What Lambda says itself where no execution is free. */
const throttled = (headers: Record<string, string> = {}) =>
  Response.json(
    { Reason: "ConcurrentInvocationLimitExceeded", Type: "User", message: "Rate Exceeded." },
    { status: 429, headers },
  );
const ofTheEdge = (status: number) => new Response("<html>Bad gateway</html>", { status });
const apps = () => Response.json({ success: true, apps: [] });

/** An API over these answers, with what was asked for as "GET /path". */
function asking(answers: (Response | (() => Response | Promise<Response>))[], config = {}) {
  const asked: string[] = [];
  const clock = fakeClock();
  const fetcher: Fetch = async (path, init) => {
    asked.push(`${init?.method ?? "GET"} ${String(path)}`);
    const answer = answers.shift();
    if (!answer) throw new Error(`no answer prepared for ${String(path)}`);
    return answer instanceof Response ? answer : answer();
  };
  return { api: createApi({ ...DEFAULT_CONFIG, ...config }, fetcher, clock), asked, clock };
}

const problemOf = (work: Promise<unknown>): Promise<ApiError> =>
  work.then(
    () => {
      throw new Error("it was answered");
    },
    (reason: ApiError) => reason,
  );

test("a request for which no execution was free is made again, ever more slowly, and says so meanwhile", async () => {
  const { api, clock, asked } = asking([throttled(), throttled(), throttled({ "Retry-After": "3" }), apps()]);
  const waiting: number[] = [];
  api.trouble.subscribe((now) => waiting.push(now.waiting));

  expect(await api.listApps()).toEqual([]);

  expect(asked).toHaveLength(4);
  expect(clock.waits).toEqual([500, 1000, 3000]);
  expect(waiting).toEqual([1, 0, 1, 0, 1, 0]);
});

test("a save waits for a free execution too: nobody has looked at it yet", async () => {
  const saved = Response.json({ success: true, revision: 1, file: { path: "a", version: 1, size: 1, updatedAt: 1 } });
  const { api, asked } = asking([throttled(), saved]);

  await api.saveFile("a1", { path: "a", content: "x", baseVersion: 0 });

  expect(asked).toEqual(["PUT /api/vendor/apps/a1/file", "PUT /api/vendor/apps/a1/file"]);
});

test("a service that stays busy is not asked for ever", async () => {
  const { api, clock } = asking(Array.from({ length: 20 }, throttled));

  expect(await problemOf(api.listApps())).toMatchObject({ code: "busy", retryable: true });
  expect(clock.waits).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
});

test("the API's own refusals are not asked for again", async () => {
  const { api, asked } = asking([
    refusal(429, "rate_limited", { "Retry-After": "7" }),
    refusal(503, "store_unavailable"),
  ]);

  expect(await problemOf(api.listApps())).toMatchObject({ code: "rate_limited", retryAfterMs: 7000 });
  expect(await problemOf(api.listApps())).toMatchObject({ code: "store_unavailable" });
  expect(asked).toHaveLength(2);
});

test("what is lost between here and the function is read once more, and not saved again", async () => {
  const { api, asked } = asking([ofTheEdge(502), apps(), ofTheEdge(504), ofTheEdge(503), ofTheEdge(502)]);

  await api.listApps();
  expect(await problemOf(api.listApps())).toMatchObject({ code: "unavailable", status: 503 });
  expect(await problemOf(api.createApp("Todo"))).toMatchObject({ code: "unavailable", status: 502 });

  expect(asked.filter((one) => one.startsWith("POST"))).toHaveLength(1);
});

test("a fault of the server has a reference, also where the function has crashed; a refusal has none", async () => {
  const crashed = new Response("Internal Server Error", { status: 502, headers: { "x-amzn-RequestId": "abc" } });
  const { api } = asking([refusal(500, "internal"), crashed, refusal(404, "not_found")]);

  const fault = await problemOf(api.createApp("Todo"));
  expect(fault).toMatchObject({ reference: "r", sentence: "Something went wrong on the server (500)." });
  expect(fault.message).toBe("Something went wrong on the server (500). Reference r");
  expect(await problemOf(api.createApp("Todo"))).toMatchObject({ reference: "abc" });
  const refused = await problemOf(api.createApp("Todo"));
  expect(refused.reference).toBeUndefined();
  expect(refused.message).toBe(refused.sentence);
});

const RENEW = { renew: "/sign-in/renew" };
const signedOut = () => refusal(401, "unauthenticated");

test("a sign-in that has run out is renewed once for all that need it, and they are made again", async () => {
  let answer = (_: Response) => {};
  const renewal = new Promise<Response>((resolve) => (answer = resolve));
  const { api, asked } = asking([signedOut(), signedOut(), () => renewal, apps(), apps()], RENEW);

  const both = [api.listApps(), api.listApps()];
  await expect.poll(() => asked.length).toBe(3);
  answer(new Response(null, { status: 204 }));
  await Promise.all(both);

  expect(asked.filter((one) => one === "POST /sign-in/renew")).toHaveLength(1);
  expect(asked).toHaveLength(5);
  expect(api.trouble.getState().signedOut).toBe(false);
});

test("where the sign-in cannot be renewed, the page is told that nobody is signed in", async () => {
  const { api } = asking([signedOut(), signedOut()], RENEW);
  expect(await problemOf(api.listApps())).toMatchObject({ status: 401 });
  expect(api.trouble.getState().signedOut).toBe(true);

  const without = asking([signedOut()]);
  await problemOf(without.api.listApps());
  expect(without.api.trouble.getState().signedOut).toBe(true);
});

test("a sign-in that is refused although it was renewed is not renewed for ever", async () => {
  const { api, asked } = asking([signedOut(), new Response(null, { status: 204 }), signedOut()], RENEW);

  await problemOf(api.listApps());

  expect(asked).toHaveLength(3);
  expect(api.trouble.getState().signedOut).toBe(true);
});

test("a renewal that does not come through signs nobody out", async () => {
  const { api } = asking([signedOut(), refusal(503, "store_unavailable")], RENEW);

  expect(await problemOf(api.createApp("Todo"))).toMatchObject({ status: 503 });
  expect(api.trouble.getState().signedOut).toBe(false);
});

test("signing out gives the address at which the sign-in itself is ended", async () => {
  const gone = Response.json({ success: true, location: "https://pool.example/logout" });
  const { api, asked } = asking([gone], { signOut: "/sign-out" });

  expect(await api.signOut()).toBe("https://pool.example/logout");
  expect(asked).toEqual(["POST /sign-out"]);
  expect(api.trouble.getState().signedOut).toBe(true);
});

test("a message for which no execution was free is posted again under its own id", async () => {
  const event = turnEvents();
  const { store, requests, clock, connections, view } = chat([
    throttled(),
    throttled({ "Retry-After": "2" }),
    response([sse([event("connection_established", established()), event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");
  const bodies = await Promise.all(requests.map((request) => request.json()));

  expect(bodies.map((body) => body.messageId)).toEqual(["m1", "m1", "m1"]);
  expect(clock.waits).toEqual([500, 2000]);
  expect(connections).toEqual(["connecting", "busy", "open", "idle"]);
  expect(view()).toMatchObject({ status: "idle", error: null });
});

test("a message that finds the service busy for too long stays to be sent again", async () => {
  const event = turnEvents();
  const { store, clock, view } = chat([
    ...Array.from({ length: 7 }, () => throttled()),
    response([sse([event("connection_established", established()), event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");
  expect(clock.waits).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
  expect(view()).toMatchObject({ status: "idle", error: { code: "busy", retryable: true } });
  expect(view().messages).toMatchObject([{ content: "Hi", status: "unsent" }]);
  await store.retry();

  expect(view()).toMatchObject({ status: "idle", error: null });
});

test("Stop ends the waiting for a free execution at once", async () => {
  const clock = fakeClock();
  const { store, requests, view } = chat([throttled()], {
    clock: {
      ...clock,
      wait: (_, signal) => new Promise((resolve) => signal?.addEventListener("abort", () => resolve())),
    },
  });

  const sent = store.sendMessage("Hi");
  await expect.poll(() => view().connection).toBe("busy");
  await store.cancel();
  await sent;

  expect(requests).toHaveLength(1);
  expect(view().messages).toMatchObject([{ content: "Hi", status: "unsent" }]);
});

test("an answer whose stream finds no execution is waited for, as often as it takes", async () => {
  const event = turnEvents();
  const { store, connections, view } = chat([
    response([sse([event("connection_established", established())])], "break"),
    ...Array.from({ length: 8 }, () => throttled()),
    response([sse([event("message_complete", complete())])]),
  ]);

  await store.sendMessage("Hi");

  expect(connections).toEqual(["connecting", "open", "reconnecting", "busy", "open", "idle"]);
  expect(view()).toMatchObject({ status: "idle", error: null });
});

test("an answer that failed inside the server names the request that its log knows", async () => {
  const event = turnEvents();
  const failed = { code: "internal" as const, message: "It broke.", retryable: false, requestId: "3f2a" };
  const { store, view } = chat([
    response([sse([event("connection_established", established()), event("error", failed)])]),
  ]);

  await store.sendMessage("Hi");

  expect(view().error).toMatchObject({ code: "internal", message: "It broke.", reference: "3f2a" });
});

test("an answer that ended for another reason has nothing to be looked up", async () => {
  const event = turnEvents();
  const ended = { code: "budget_exceeded" as const, message: "Used up.", retryable: false, requestId: "3f2a" };
  const { store, view } = chat([
    response([sse([event("connection_established", established()), event("error", ended)])]),
  ]);

  await store.sendMessage("Hi");

  expect(view().error?.reference).toBeUndefined();
});
