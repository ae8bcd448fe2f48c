import { expect, test } from "vitest";
import { AppStorage } from "../src/preview/engine/appStorage";
import { readMessage } from "../src/preview/engine/messages";
import { LIMITS } from "../src/preview/engine/protocol";
import { newMemory } from "./chat";

const NONCE = "1-2-3-4";
const read = (message: object) => readMessage({ nonce: NONCE, ...message }, NONCE);
const long = (limit: number) => "x".repeat(limit + 2);

test("what a frame may say is taken, and nothing besides it", () => {
  expect(read({ type: "painted", more: 1 })).toEqual({ type: "painted" });
  expect(read({ type: "console", level: "warn", text: "a", stack: "" })).toEqual({
    type: "console",
    level: "warn",
    text: "a",
    stack: "",
  });
  expect(read({ type: "error", build: 1, kind: "render", message: "a", stack: "b" })).toMatchObject({ kind: "render" });
  expect(read({ type: "visits", entries: ["/", "/about?x#y"], index: 1 })).toMatchObject({ index: 1 });
  expect(
    read({
      type: "storage",
      area: "local",
      changes: [
        ["a", "b"],
        ["c", null],
      ],
    }),
  ).toMatchObject({ area: "local" });
  expect(read({ type: "picked", component: "A", text: "", stack: "" })).toMatchObject({ component: "A" });
});

test("of pictures only what is one and small enough is taken; else the frame has none to give", () => {
  const taken = (picture: unknown) => read({ type: "photographed", count: 1, picture });
  const png = new Blob(["x"], { type: "image/png" });

  expect(taken(png)).toEqual({ type: "photographed", count: 1, picture: png });
  for (const other of [
    null,
    "data:image/png;base64,",
    new Blob(["<svg/>"], { type: "image/svg+xml" }),
    new Blob([long(LIMITS.picture)], { type: "image/png" }),
  ]) {
    expect(taken(other)).toEqual({ type: "photographed", count: 1, picture: null });
  }
  expect(read({ type: "photographed", picture: png })).toBeNull();
});

test("a message without the frame's own nonce is nobody's", () => {
  for (const data of [{ type: "painted" }, { type: "painted", nonce: "other" }, null, "painted", 7, [NONCE]]) {
    expect(readMessage(data, NONCE)).toBeNull();
  }
});

test.each([
  { type: "run" },
  { type: "__proto__" },
  { type: "console", level: "fatal", text: "a", stack: "" },
  { type: "console", level: "log", text: { toString: "a" }, stack: "" },
  { type: "console", level: "log", text: long(LIMITS.call), stack: "" },
  { type: "error", kind: "syntax", message: "a", stack: "" },
  { type: "error", kind: "event", message: long(LIMITS.argument), stack: "" },
  { type: "visits", entries: [], index: 0 },
  { type: "visits", entries: ["/"], index: 1 },
  { type: "visits", entries: ["/"], index: 0.5 },
  { type: "visits", entries: ["//evil.example/x"], index: 0 },
  { type: "visits", entries: ["javascript:alert(1)"], index: 0 },
  { type: "visits", entries: Array.from({ length: LIMITS.visits + 1 }, () => "/"), index: 0 },
  { type: "storage", area: "cookie", changes: [] },
  { type: "storage", area: "local", changes: [["a"]] },
  { type: "storage", area: "local", changes: [[1, "b"]] },
  { type: "storage", area: "local", changes: [["a", long(LIMITS.storage)]] },
  { type: "picked", component: long(LIMITS.text), text: "", stack: "" },
  { type: "pong", count: "1" },
])("%j is not taken", (message) => {
  expect(read(message)).toBeNull();
});

test("what an app stores is there again, for this app alone", () => {
  const place = newMemory();
  const first = new AppStorage("a", place);
  first.change("local", [
    ["todo", "milk"],
    ["gone", "x"],
    ["gone", null],
  ]);
  first.change("session", [["tab", "1"]]);
  first.save();

  expect(new AppStorage("a", place).entries()).toEqual({ local: [["todo", "milk"]], session: [] });
  expect(new AppStorage("b", place).entries()).toEqual({ local: [], session: [] });
});

test("an app that stores more than it may keeps what it had", () => {
  const place = newMemory();
  const storage = new AppStorage("a", place);
  storage.change("local", [
    ["small", "1"],
    ["large", "x".repeat(LIMITS.storage)],
  ]);

  expect(storage.entries().local).toEqual([["small", "1"]]);
});

test("what cannot be read of it is nothing", () => {
  const place = newMemory();
  for (const text of ["{", "7", '[["a"],["b","c"],[1,2]]']) {
    place.setItem("preview-storage:a", text);
    expect(() => new AppStorage("a", place)).not.toThrow();
  }
  expect(new AppStorage("a", place).entries().local).toEqual([["b", "c"]]);
});
