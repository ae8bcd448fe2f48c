import { afterEach, beforeEach, expect, test } from "vitest";
import { createApi, DEFAULT_CONFIG } from "../src/api/client";
import { lineEdits, merge } from "../src/files/merge";
import type { FilesStoreOptions } from "../src/files/store";
import { storage } from "../src/ui/storage";
import { serve } from "./standin.mjs";
import { startedStore } from "./store";

test("edits of both sides in different lines come together", () => {
  const base = "one\ntwo\nthree\nfour\nfive\n";

  expect(merge("ONE\ntwo\nthree\nfour\nfive\n", base, "one\ntwo\nthree\nfour\nFIVE\n")).toBe(
    "ONE\ntwo\nthree\nfour\nFIVE\n",
  );
});

test("edits of the same line do not merge, equal ones do", () => {
  expect(merge("mine\n", "base\n", "theirs\n")).toBeNull();
  expect(merge("same\n", "base\n", "same\n")).toBe("same\n");
  expect(merge("base\n", "base\n", "theirs\n")).toBe("theirs\n");
});

test("line edits replace only the lines that differ", () => {
  expect(lineEdits("a\nb\nc", "a\nB\nc\nd")).toEqual([
    { start: 1, end: 2, lines: ["B"] },
    { start: 3, end: 3, lines: ["d"] },
  ]);
  expect(lineEdits("a", "a")).toEqual([]);
});

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

const BASE = "one\ntwo\nthree\nfour\nfive\n";

/** The file a.ts, open in a store. */
async function opened(options: Partial<FilesStoreOptions> = {}) {
  server.write(server.apps.get("demo-app")!, "a.ts", BASE);
  const started = await startedStore(server, options);
  await started.opened("a.ts");
  return {
    ...started,
    doc: () => started.doc("a.ts"),
    byAssistant: (text: string) => started.byAssistant("a.ts", text),
  };
}

test("an edit is saved as a new version and is clean again", async () => {
  const { app, files, doc } = await opened();
  files.edit("a.ts", "mine\n");
  expect(doc()?.dirty).toBe(true);

  await files.save("a.ts");

  expect(doc()?.dirty).toBe(false);
  expect(app.files.get("a.ts")).toMatchObject({ content: "mine\n", version: 2 });
  expect(doc()?.baseVersion).toBe(2);
});

test("an edit of the assistant shows in a file without unsaved changes", async () => {
  const { doc, byAssistant } = await opened();

  byAssistant("theirs\n");

  await expect.poll(() => doc()?.content).toBe("theirs\n");
  expect(doc()?.dirty).toBe(false);
});

test("an edit of the assistant is merged with unsaved changes in other lines", async () => {
  const { files, doc, byAssistant } = await opened();
  files.edit("a.ts", BASE.replace("one", "ONE"));

  byAssistant(BASE.replace("five", "FIVE"));

  await expect.poll(() => doc()?.baseVersion).toBe(2);
  expect(doc()?.content).toBe("ONE\ntwo\nthree\nfour\nFIVE\n");
  expect(doc()?.conflict).toBeNull();
  expect(doc()?.dirty).toBe(true);
});

test("changes of the same line are a conflict, and keeping mine stores mine", async () => {
  const { app, files, doc, byAssistant } = await opened();
  files.edit("a.ts", BASE.replace("one", "mine"));
  byAssistant(BASE.replace("one", "theirs"));
  await expect.poll(() => doc()?.conflict).toMatchObject({ version: 2, merged: null });

  await files.resolve("a.ts", "mine");

  expect(app.files.get("a.ts").content).toBe(BASE.replace("one", "mine"));
  expect(doc()).toMatchObject({ conflict: null, baseVersion: 3 });
});

test("saving over a newer version offers the merge of both", async () => {
  const { app, files, doc } = await opened();
  files.edit("a.ts", BASE.replace("one", "ONE"));
  server.write(app, "a.ts", BASE.replace("five", "FIVE"));

  await files.save("a.ts");
  expect(doc()?.conflict?.merged).toBe("ONE\ntwo\nthree\nfour\nFIVE\n");
  await files.resolve("a.ts", "merged");

  expect(app.files.get("a.ts").content).toBe("ONE\ntwo\nthree\nfour\nFIVE\n");
  expect(doc()?.dirty).toBe(false);
});

test("what is typed after the merge was offered is merged too", async () => {
  const { app, files, doc } = await opened();
  files.edit("a.ts", BASE.replace("one", "ONE"));
  server.write(app, "a.ts", BASE.replace("five", "FIVE"));
  await files.save("a.ts");

  files.edit("a.ts", BASE.replace("one", "ONE AND ONLY"));
  await files.resolve("a.ts", "merged");
  expect(app.files.get("a.ts").content).toBe("ONE AND ONLY\ntwo\nthree\nfour\nFIVE\n");

  files.edit("a.ts", doc()!.content.replace("two", "mine"));
  server.write(app, "a.ts", doc()!.base.replace("three", "theirs"));
  await files.save("a.ts");
  files.edit("a.ts", doc()!.content.replace("three", "also mine"));
  await files.resolve("a.ts", "merged");
  expect(doc()?.conflict).toMatchObject({ merged: null });
  expect(doc()?.content).toContain("also mine");
});

test("taking theirs leaves the stored file alone", async () => {
  const { app, files, doc } = await opened();
  files.edit("a.ts", "mine\n");
  server.write(app, "a.ts", "theirs\n");
  await files.save("a.ts");

  await files.resolve("a.ts", "theirs");

  expect(doc()).toMatchObject({ content: "theirs\n", baseVersion: 2, conflict: null });
  expect(app.files.get("a.ts").version).toBe(2);
});

test("a deleted file closes its tab, unless it holds unsaved changes", async () => {
  const { files, doc } = await opened();
  const deleted = { path: "a.ts", action: "deleted" as const, version: 2, toolId: "t1" };
  files.edit("a.ts", "mine\n");

  files.apply(deleted);
  expect(doc()?.conflict).toMatchObject({ theirs: null });
  await files.resolve("a.ts", "theirs");

  expect(files.view.getState()).toMatchObject({ tabs: [], active: null, files: [] });
});

test("a renamed file keeps its tab and its unsaved changes", async () => {
  const { files } = await opened();
  files.edit("a.ts", "mine\n");

  files.apply({ path: "b.ts", previousPath: "a.ts", action: "renamed", version: 1, toolId: "t1" });

  const { tabs, active, docs, files: list } = files.view.getState();
  expect({ tabs, active }).toEqual({ tabs: ["b.ts"], active: "b.ts" });
  expect(docs.get("b.ts")).toMatchObject({ content: "mine\n", path: "b.ts" });
  expect(list.map((file) => file.path)).toEqual(["b.ts"]);
});

test("a turn that is read again does not touch what was changed since", async () => {
  const { app, files, doc } = await opened();
  server.write(app, "a.ts", "mine\n");
  await files.refresh();
  await expect.poll(() => doc()?.baseVersion).toBe(2);
  const before = files.view.getState();

  files.apply({ path: "a.ts", action: "deleted", version: 1, toolId: "t1" });
  files.apply({ path: "a.ts", previousPath: "b.ts", action: "renamed", version: 2, toolId: "t2" });
  files.apply({ path: "a.ts", action: "created", version: 1, toolId: "t0" });

  expect(files.view.getState()).toBe(before);
});

/** The file a.ts with unsaved changes, over an API whose answers to a save are held back. */
async function saving() {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const api = createApi(DEFAULT_CONFIG, async (path, init) => {
    const answer = await fetch(`${server.url}${String(path)}`, init);
    if (init?.method === "PUT") await held;
    return answer;
  });
  const { app, files, doc } = await opened({ api });
  files.edit("a.ts", BASE.replace("one", "ONE"));
  return { app, files, doc, release };
}

const BOTH = BASE.replace("one", "ONE").replace("five", "FIVE");

test("an edit of the assistant that overtakes the answer to a save is kept", async () => {
  const { app, files, doc, release } = await saving();
  const saved = files.save("a.ts");
  await expect.poll(() => app.files.get("a.ts").version).toBe(2);

  server.write(app, "a.ts", BOTH);
  files.apply({ path: "a.ts", action: "edited", version: 3, toolId: "t1" });
  await expect.poll(() => doc()?.baseVersion).toBe(3);
  release();
  await saved;

  expect(doc()).toMatchObject({ content: BOTH, baseVersion: 3, status: "ready" });
  expect(doc()?.dirty).toBe(false);
});

test("a save that was refused for an edit which has been merged meanwhile is made again", async () => {
  const { app, files, doc, release } = await saving();
  server.write(app, "a.ts", BASE.replace("five", "FIVE"));
  const saved = files.save("a.ts");

  files.apply({ path: "a.ts", action: "edited", version: 2, toolId: "t1" });
  await expect.poll(() => doc()?.baseVersion).toBe(2);
  release();
  await saved;

  expect(app.files.get("a.ts")).toMatchObject({ content: BOTH, version: 3 });
  expect(doc()).toMatchObject({ conflict: null, baseVersion: 3 });
});

test("the open tabs are found again", async () => {
  await opened({ memory: storage });

  const again = await startedStore(server, { memory: storage });

  expect(again.files.view.getState()).toMatchObject({ tabs: ["a.ts"], active: "a.ts" });
});
