/** What is typed and not saved outlasts a sign-in, for which the page is left. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { guarded } from "../src/ui/storage";
import { newMemory } from "./chat";
import { serve } from "./standin.mjs";
import { startedStore } from "./store";

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

const BASE = "one\ntwo\nthree\nfour\nfive\n";
const MINE = BASE.replace("one", "ONE");

/** A visit that types into a.ts and leaves, and the memory that it leaves behind. */
async function left() {
  server.write(server.apps.get("demo-app")!, "a.ts", BASE);
  const tabMemory = newMemory();
  const visit = await startedStore(server, { tabMemory });
  await visit.opened("a.ts");
  visit.files.edit("a.ts", MINE);
  expect(visit.files.keepUnsaved()).toBe(true);
  return { app: visit.app, tabMemory };
}

test("the next visit shows the text, not saved yet, and saves it when it is told to", async () => {
  const { app, tabMemory } = await left();

  const { files, doc } = await startedStore(server, { tabMemory });

  expect(files.view.getState().tabs).toEqual(["a.ts"]);
  expect(doc("a.ts")).toMatchObject({ content: MINE, dirty: true });
  expect(app.files.get("a.ts").content).toBe(BASE);
  await files.saveAll();
  expect(app.files.get("a.ts")).toMatchObject({ content: MINE, version: 2 });
});

test("what was changed meanwhile is merged with it", async () => {
  const { app, tabMemory } = await left();
  server.write(app, "a.ts", BASE.replace("five", "FIVE"));

  const { doc } = await startedStore(server, { tabMemory });

  await expect.poll(() => doc("a.ts")?.baseVersion).toBe(2);
  expect(doc("a.ts")).toMatchObject({ content: MINE.replace("five", "FIVE"), dirty: true, conflict: null });
});

test("a file that was deleted meanwhile is asked about", async () => {
  const { app, tabMemory } = await left();
  app.files.delete("a.ts");

  const { doc } = await startedStore(server, { tabMemory });

  expect(doc("a.ts")).toMatchObject({ content: MINE, conflict: { theirs: null } });
});

test("it comes back once: what was saved since is not undone by a later visit", async () => {
  const { tabMemory } = await left();
  const back = await startedStore(server, { tabMemory });
  await back.files.saveAll();

  const { doc } = await startedStore(server, { tabMemory });

  expect(doc("a.ts")).toBeUndefined();
});

test("where the browser has no room for it, the page is told to ask before it is left", async () => {
  const full = guarded(() => ({
    getItem: () => null,
    removeItem: () => undefined,
    setItem: () => {
      throw new DOMException("no room", "QuotaExceededError");
    },
  }));
  server.write(server.apps.get("demo-app")!, "a.ts", BASE);
  const { files, opened } = await startedStore(server, { tabMemory: full });
  await opened("a.ts");
  expect(files.keepUnsaved()).toBe(true);

  files.edit("a.ts", MINE);

  expect(files.keepUnsaved()).toBe(false);
});
