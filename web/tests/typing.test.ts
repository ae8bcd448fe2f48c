import { afterEach, beforeEach, expect, test } from "vitest";
import { withLineEndsOf } from "../src/files/lineEnds";
import { serve } from "./standin.mjs";
import { countingBuffer, startedStore } from "./store";

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

/** A file whose text is typed in an editor of the test's. */
async function typing(content = "one\ntwo\nthree\n") {
  server.write(server.apps.get("demo-app")!, "a.ts", content);
  const started = await startedStore(server);
  const { files, doc, opened } = started;
  await opened("a.ts");
  const { id } = doc("a.ts")!;
  const buffer = countingBuffer(content);
  const detach = files.attach(id, buffer);
  const type = (text: string) => {
    buffer.text = text;
    files.typed(id);
  };
  return { ...started, doc: () => doc("a.ts"), buffer, detach, type };
}

test("typing reads the text once in a pause, however many keys were pressed", async () => {
  const large = "x".repeat(900_000);
  const { files, doc, buffer, type } = await typing(large);
  let changes = 0;
  files.view.subscribe(() => (changes += 1));

  const began = performance.now();
  for (let key = 1; key <= 200; key += 1) type(large + "y".repeat(key));
  const took = performance.now() - began;
  expect({ reads: buffer.reads, changes, dirty: doc()?.dirty }).toEqual({ reads: 0, changes: 1, dirty: true });

  await expect.poll(() => doc()?.content).toBe(buffer.text);
  expect({ reads: buffer.reads, writes: buffer.writes, changes }).toEqual({ reads: 1, writes: 1, changes: 2 });
  console.log(`200 keys in a file of 900 kB cost the store ${took.toFixed(1)} ms, ${(took / 200).toFixed(3)} ms a key`);
});

test("a text that is brought back to what is stored has nothing to save", async () => {
  const { doc, type } = await typing();
  type("one\ntwo\nthree!\n");
  await expect.poll(() => doc()?.content).toBe("one\ntwo\nthree!\n");

  type("one\ntwo\nthree\n");

  await expect.poll(() => doc()?.dirty).toBe(false);
});

test("what was typed a moment ago is saved too", async () => {
  const { app, files, doc, type } = await typing();

  type("mine\n");
  expect(await files.saveAll()).toBe(true);

  expect(app.files.get("a.ts").content).toBe("mine\n");
  expect(doc()?.dirty).toBe(false);
});

test("what is typed while a save is on its way is saved after it", async () => {
  const { app, files, type } = await typing();
  type("first\n");
  const saved = files.save("a.ts");

  type("second\n");
  await files.save("a.ts");
  await saved;

  expect(app.files.get("a.ts")).toMatchObject({ content: "second\n", version: 3 });
});

test("an edit of Claude's is merged with what was typed a moment ago, in the editor and visibly", async () => {
  const { files, doc, buffer, type, byAssistant } = await typing();
  type("ONE\ntwo\nthree\n");

  byAssistant("a.ts", "one\ntwo\nTHREE\n");

  await expect.poll(() => buffer.text).toBe("ONE\ntwo\nTHREE\n");
  expect(doc()).toMatchObject({ content: "ONE\ntwo\nTHREE\n", dirty: true, baseVersion: 2 });
  expect(doc()?.note).toMatch(/merged with your unsaved text/);
  files.dismissNote("a.ts");
  expect(doc()?.note).toBeNull();
});

test("a rename keeps the editor's buffer, and with it what was typed", async () => {
  const { app, files, buffer, type } = await typing();
  type("mine\n");

  await files.rename("a.ts", "b.ts");
  buffer.text = "mine and more\n";
  const renamed = files.view.getState().docs.get("b.ts")!;
  files.typed(renamed.id);
  await files.save("b.ts");

  expect(app.files.get("b.ts")?.content).toBe("mine and more\n");
  expect(files.view.getState().tabs).toEqual(["b.ts"]);
});

test("an editor that goes away leaves its text behind", async () => {
  const { doc, detach, type } = await typing();
  type("mine\n");

  detach();

  expect(doc()).toMatchObject({ content: "mine\n", dirty: true });
});

test("mixed line ends are kept: only lines that were changed get the usual end", () => {
  const mixed = "a\r\nb\nc\r\nd";

  expect(withLineEndsOf(mixed, "a\nb\nc\nd")).toBe(mixed);
  expect(withLineEndsOf(mixed, "a\r\nb\r\nc\r\nd")).toBe(mixed);
  expect(withLineEndsOf(mixed, "a\nb\nC\nnew\nd")).toBe("a\r\nb\nC\r\nnew\r\nd");
  expect(withLineEndsOf("a\r\nb\r\n", "a\nb\nc\n")).toBe("a\r\nb\r\nc\r\n");
  expect(withLineEndsOf("a\nb\n", "a\r\nb\r\n")).toBe("a\nb\n");
  expect(withLineEndsOf("\uFEFFa\r\nb\n", "\uFEFFa\r\nb\r\n")).toBe("\uFEFFa\r\nb\n");
});

test("a file with mixed line ends is not changed by being opened and edited elsewhere", async () => {
  const { app, files, doc, type } = await typing("one\r\ntwo\nthree\r\n");

  type("one\r\ntwo\r\nthree\r\n");
  await expect.poll(() => doc()?.dirty).toBe(false);
  type("one\r\ntwo\r\n3\r\n");
  await files.save("a.ts");

  expect(app.files.get("a.ts").content).toBe("one\r\ntwo\n3\r\n");
});

test("files that are called like parts of every object are files like others", async () => {
  const paths = ["__proto__", "constructor", "src/__proto__", "hasOwnProperty/toString"];
  for (const path of paths) server.write(server.apps.get("demo-app")!, path, `text of ${path}`);
  const { files, doc } = await startedStore(server);

  for (const path of paths) files.open(path);
  for (const path of paths) await expect.poll(() => doc(path)?.content).toBe(`text of ${path}`);
  files.edit("__proto__", "mine");
  await files.save("__proto__");

  expect(files.view.getState().tabs).toEqual(paths);
  expect(server.apps.get("demo-app")!.files.get("__proto__").content).toBe("mine");
  files.close("__proto__");
  expect(doc("__proto__")).toBeUndefined();
});
