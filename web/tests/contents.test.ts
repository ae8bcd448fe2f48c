import { afterEach, beforeEach, expect, test } from "vitest";
import { createContentsStore } from "../src/files/contents";
import { followOtherWindows, type OtherWindows } from "../src/workspace/otherWindows";
import { serve } from "./standin.mjs";
import { startedStore } from "./store";

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

async function contentsOf(texts: Record<string, string>) {
  const app = server.apps.get("demo-app")!;
  for (const [path, text] of Object.entries(texts)) server.write(app, path, text);
  const started = await startedStore(server);
  const { api, asked, files } = started;
  const contents = createContentsStore({ api, appId: "demo-app", files });
  asked.length = 0;
  await contents.start();
  const shown = () => Object.fromEntries(contents.view.getState().files);
  return { ...started, contents, shown };
}

test("the texts of an app come with one request", async () => {
  const { contents, asked, shown } = await contentsOf({ "a.ts": "a", "b.ts": "b", "c.css": "" });

  expect(contents.view.getState().status).toBe("ready");
  expect(shown()).toEqual({ "a.ts": "a", "b.ts": "b", "c.css": "" });
  expect(asked).toEqual(["GET files?content=1"]);
});

test("what is typed stands in front of what is stored, until it is saved or closed", async () => {
  const { files, opened, shown } = await contentsOf({ "a.ts": "a" });
  await opened("a.ts");

  files.edit("a.ts", "typed");
  expect(shown()).toEqual({ "a.ts": "typed" });
  files.close("a.ts");
  expect(shown()).toEqual({ "a.ts": "a" });
});

test("changes of a turn are read file by file, and many of them at once", async () => {
  const { asked, byAssistant, shown } = await contentsOf({ "a.ts": "a" });
  asked.length = 0;

  byAssistant("a.ts", "A");
  await expect.poll(shown).toEqual({ "a.ts": "A" });
  expect(asked).toEqual(["GET file?path=a.ts"]);

  for (let index = 0; index < 20; index += 1) byAssistant(`new${index}.ts`, String(index));
  await expect.poll(() => Object.keys(shown()).length).toBe(21);
  expect(asked.filter((request) => request.includes("content=1")).length).toBeGreaterThan(0);
  expect(asked.length).toBeLessThan(20);
});

test("a file that is deleted or renamed is gone, or has another name", async () => {
  const { files, shown } = await contentsOf({ "a.ts": "a", "b.ts": "b" });

  await files.remove("a.ts");
  await files.rename("b.ts", "c.ts");

  await expect.poll(shown).toEqual({ "c.ts": "b" });
});

test("a large file is left out", async () => {
  const { shown } = await contentsOf({ "a.ts": "a", "large.txt": "x".repeat(200_001) });

  expect(shown()).toEqual({ "a.ts": "a" });
});

test("what is half written by Claude is not taken for the file's text", async () => {
  const { files, shown } = await contentsOf({ "a.ts": "a" });

  files.writing({ toolId: "t1", toolName: "create_file", path: "a.ts", text: "export const", done: false });

  expect(shown()).toEqual({ "a.ts": "a" });
});

test("an app whose texts cannot be had says so, and they are asked for again", async () => {
  const app = server.apps.get("demo-app")!;
  server.write(app, "a.ts", "a");
  const { api, files } = await startedStore(server);
  let broken = true;
  const contents = createContentsStore({
    api: {
      ...api,
      readContents: (appId) => (broken ? Promise.reject(new TypeError("no network")) : api.readContents(appId)),
    },
    appId: "demo-app",
    files,
  });
  await contents.start();
  expect(contents.view.getState().status).toBe("failed");

  broken = false;
  await contents.start();

  expect(contents.view.getState()).toMatchObject({ status: "ready", files: new Map([["a.ts", "a"]]) });
});

test("what is saved in one window shows in the other by itself", async () => {
  server.write(server.apps.get("demo-app")!, "a.ts", "one");
  const windows: OtherWindows[] = [];
  const open = async () => {
    const started = await startedStore(server, { onChanged: () => own.tell() });
    const own = followOtherWindows({
      appId: "demo-app",
      onTold: () => void started.files.refresh(),
      onDue: () => undefined,
    });
    windows.push(own);
    await started.opened("a.ts");
    return started;
  };
  const here = await open();
  const there = await open();
  there.asked.length = 0;

  for (const text of ["two", "three", "four"]) {
    here.files.edit("a.ts", text);
    await here.files.save("a.ts");
  }

  await expect.poll(() => there.doc("a.ts")?.content).toBe("four");
  expect(there.asked.filter((request) => request === "GET files").length).toBeLessThan(3);
  for (const window of windows) window.close();
});

test("another machine's changes are found by the newest revision alone", async () => {
  const app = server.apps.get("demo-app")!;
  server.write(app, "a.ts", "one");
  const { files, asked } = await startedStore(server);
  asked.length = 0;
  // The last look may still be on its way when the server has closed.
  const onDue = () => void files.refreshIfNewer().catch(() => undefined);
  const window = followOtherWindows({ appId: "demo-app", onTold: () => undefined, onDue, everyMs: 20 });

  await expect.poll(() => asked.length).toBeGreaterThan(1);
  expect(new Set(asked)).toEqual(new Set(["GET checkpoints?limit=1"]));
  server.write(app, "b.ts", "from elsewhere");
  await expect.poll(() => files.view.getState().byPath.has("b.ts")).toBe(true);
  window.close();
});
