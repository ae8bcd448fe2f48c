import { afterEach, beforeEach, expect, test } from "vitest";
import { createCheckpointsStore } from "../src/files/checkpoints";
import { lineChanges } from "../src/files/merge";
import { storage } from "../src/ui/storage";
import { serve } from "./standin.mjs";
import { startedStore } from "./store";

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

const writing = (path: string, text: string, toolId = "t1", done = false) => ({
  toolId,
  toolName: "create_file",
  path,
  text,
  done,
});

test("a file that Claude writes is open while it is written, and gives way to the next one", async () => {
  const { files, doc, byAssistant } = await startedStore(server);

  files.writing(writing("a.ts", "export"));
  expect(files.view.getState()).toMatchObject({ tabs: ["a.ts"], active: "a.ts", previewTab: "a.ts" });
  files.writing(writing("b.ts", "import", "t2"));

  const { tabs, writing: now } = files.view.getState();
  expect(tabs).toEqual(["b.ts"]);
  expect(now).toMatchObject({ path: "b.ts", text: "import" });
  // The first call ends only now, with all of its batch.
  files.writing(writing("a.ts", "export", "t1", true));
  expect(files.view.getState().writing?.path).toBe("b.ts");
  byAssistant("b.ts", "import x;\n", "t2");
  await expect.poll(() => doc("b.ts")?.content).toBe("import x;\n");
  await expect.poll(() => files.view.getState().writing).toBeNull();
});

test("Claude is no longer followed once the vendor types, and is again in the next turn", async () => {
  server.write(server.apps.get("demo-app")!, "mine.ts", "one\n");
  const { files, opened } = await startedStore(server);
  await opened("mine.ts");
  files.writing(writing("a.ts", "e"));
  files.open("mine.ts");
  files.edit("mine.ts", "two\n");

  files.writing(writing("b.ts", "i", "t2"));
  expect(files.view.getState()).toMatchObject({ active: "mine.ts", following: false });
  expect(files.view.getState().writing?.path).toBe("b.ts");
  files.turn.resumeFollowing();
  expect(files.view.getState().active).toBe("b.ts");

  files.turn.stopFollowing();
  await files.settle([]);
  files.writing(writing("c.ts", "i", "t3"));
  expect(files.view.getState().active).toBe("c.ts");
});

test("a preview tab with text of the vendor's own stays", async () => {
  server.write(server.apps.get("demo-app")!, "a.ts", "one\n");
  const { files, doc } = await startedStore(server);
  files.writing(writing("a.ts", "two\n"));
  await expect.poll(() => doc("a.ts")?.status).toBe("ready");
  files.edit("a.ts", "mine\n");
  files.turn.resumeFollowing();

  files.writing(writing("b.ts", "i", "t2"));

  expect(files.view.getState().tabs).toEqual(["a.ts", "b.ts"]);
  expect(doc("a.ts")?.content).toBe("mine\n");
});

test("the switch that turns following off is remembered", async () => {
  const { files } = await startedStore(server, { memory: storage });
  files.turn.setFollow(false);
  files.writing(writing("a.ts", "export"));
  expect(files.view.getState().tabs).toEqual([]);

  const again = await startedStore(server, { memory: storage });

  expect(again.files.view.getState().follow).toBe(false);
});

test("a file that was written but refused leaves no tab behind", async () => {
  const { files } = await startedStore(server);
  files.writing(writing("a.ts", "export", "t1", false));
  files.writing(writing("a.ts", "export", "t1", true));

  await files.settle([]);

  expect(files.view.getState()).toMatchObject({ tabs: [], active: null, writing: null });
});

test("while a turn waits its changes can be looked through, and are those of one turn when it goes on", async () => {
  const app = server.apps.get("demo-app")!;
  server.write(app, "early.ts", "one\n");
  server.write(app, "late.ts", "one\n");
  const { files, doc, opened, byAssistant } = await startedStore(server);
  await opened("early.ts");
  files.beginTurn("s1/1");
  byAssistant("early.ts", "ONE\n");
  await expect.poll(() => doc("early.ts")?.baseVersion).toBe(2);

  files.turnWaits("s1/1");
  expect(files.view.getState()).toMatchObject({ turnRunning: false });
  await files.turn.review("early.ts");
  expect(files.view.getState().reviews.get("early.ts")).toEqual([{ kind: "changed", start: 1, end: 2 }]);

  files.beginTurn("s1/1");
  byAssistant("early.ts", "ONE\ntwo\n");
  byAssistant("late.ts", "ONE\n");
  await expect.poll(() => doc("early.ts")?.baseVersion).toBe(3);
  await files.settle([]);
  await files.turn.review("early.ts");

  expect([...files.view.getState().changed.keys()]).toEqual(["early.ts", "late.ts"]);
  expect(files.view.getState().reviews.get("early.ts")).toEqual([{ kind: "changed", start: 1, end: 3 }]);
  files.turnWaits("s1/1");
  files.beginTurn("s1/2");
  expect(files.view.getState().changed.size).toBe(0);
});

test("what a turn has changed is told by file, and its lines against the version before", async () => {
  const app = server.apps.get("demo-app")!;
  server.write(app, "old.ts", "one\ntwo\nthree\n");
  server.write(app, "gone.ts", "x\n");
  const { files, doc, opened, byAssistant } = await startedStore(server);
  await opened("old.ts");

  files.beginTurn();
  byAssistant("old.ts", "one\nTWO\nthree\n");
  byAssistant("old.ts", "one\nTWO\nthree\nfour\n");
  byAssistant("new.ts", "a\n");
  byAssistant("short.ts", "a\n");
  files.apply({ path: "short.ts", action: "deleted", version: 1, toolId: "t2" });
  files.apply({ path: "gone.ts", action: "deleted", version: 1, toolId: "t2" });
  await expect.poll(() => doc("old.ts")?.baseVersion).toBe(3);
  await files.settle([]);

  const actions = [...files.view.getState().changed].map(([path, { action }]) => [path, action]);
  expect(actions).toEqual([
    ["old.ts", "edited"],
    ["new.ts", "created"],
    ["gone.ts", "deleted"],
  ]);
  await files.turn.review("old.ts");
  expect(files.view.getState().reviews.get("old.ts")).toEqual([
    { kind: "changed", start: 2, end: 3 },
    { kind: "added", start: 4, end: 5 },
  ]);
  files.turn.keep("old.ts");
  await files.turn.review("old.ts");
  expect(files.view.getState().reviews.get("old.ts")).toBeNull();
});

test("the changes of a renamed file are found against its earlier path", async () => {
  const app = server.apps.get("demo-app")!;
  server.write(app, "a.ts", "one\ntwo\n");
  const { files, doc, opened } = await startedStore(server);
  await opened("a.ts");

  app.files.delete("a.ts");
  server.write(app, "b.ts", "one\n2\n");
  files.apply({ path: "b.ts", previousPath: "a.ts", action: "renamed", version: 1, toolId: "t1" });
  app.files.get("b.ts").version = 2;
  files.apply({ path: "b.ts", action: "edited", version: 2, toolId: "t2" });
  await expect.poll(() => doc("b.ts")?.content).toBe("one\n2\n");
  await files.settle([]);
  await files.turn.review("b.ts");

  expect(files.view.getState().changed.get("b.ts")).toEqual({
    action: "renamed",
    before: { path: "a.ts", version: 1 },
  });
  expect(files.view.getState().reviews.get("b.ts")).toEqual([{ kind: "changed", start: 2, end: 3 }]);
});

test("one file's changes of a turn can be undone, and the others stay", async () => {
  const app = server.apps.get("demo-app")!;
  server.write(app, "a.ts", "one\n");
  const { api, files, doc, opened, byAssistant } = await startedStore(server);
  await opened("a.ts");
  byAssistant("a.ts", "two\n");
  byAssistant("b.ts", "new\n");
  await files.settle([]);
  const checkpoints = createCheckpointsStore({ api, appId: "demo-app", onRestored: () => void files.refresh() });

  await checkpoints.undoPath("a.ts");

  expect(app.files.get("a.ts").content).toBe("one\n");
  expect(app.files.get("b.ts").content).toBe("new\n");
  await expect.poll(() => doc("a.ts")?.content).toBe("one\n");
});

test("undoing the second turn and then the first one warns of nothing", async () => {
  const app = server.apps.get("demo-app")!;
  const { api } = await startedStore(server);
  const by = (turnId: number) => ({ author: "ai", message: `Turn ${turnId}`, turnId, sessionId: "s1" });
  server.write(app, "a.ts", "one\n", by(1));
  server.write(app, "a.ts", "two\n", by(2));
  const checkpoints = createCheckpointsStore({ api, appId: "demo-app", onRestored: () => undefined });
  await checkpoints.load();
  const [second, first] = checkpoints.view.getState().checkpoints;

  await checkpoints.toggle(second!, false);
  await checkpoints.toggle(first!, false);

  expect(checkpoints.view.getState().undos.get(first!.revision)).toMatchObject({ status: "done", undone: true });
  expect(app.files.size).toBe(0);
  await checkpoints.toggle(first!, true);
  expect(app.files.get("a.ts").content).toBe("one\n");
});

test("changed lines are told apart as added, changed and removed", () => {
  expect(lineChanges("a\nb\nc\nd", "a\nB\nd\ne")).toEqual([
    { kind: "changed", start: 2, end: 3 },
    { kind: "added", start: 4, end: 5 },
  ]);
  expect(lineChanges("a\nb\nc", "a\nc")).toEqual([{ kind: "removed", start: 2, end: 2 }]);
  expect(lineChanges("", "a\nb")).toEqual([{ kind: "added", start: 1, end: 3 }]);
  expect(lineChanges("a", "a")).toEqual([]);
});
