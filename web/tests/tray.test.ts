/** Files on their way to a draft, apart from the page: what loads late, fails, moves or is taken away. */
import { expect, test } from "vitest";
import type { Api } from "../src/api/client";
import { ApiError } from "../src/api/errors";
import { createPictures } from "../src/attachments/pictures";
import { createTray } from "../src/attachments/tray";
import { createDraftStore } from "../src/chat/drafts";
import { newMemory } from "./chat";

const note = (name: string) => new File(["Ideas"], name, { type: "text/plain" });

/** What the tray asks of the server, answered when the test says so. */
function waiting() {
  const asked: string[] = [];
  let fail: (reason: unknown) => void = () => {};
  const createUpload = (_: string, { name }: { name: string }) => {
    asked.push(name);
    return new Promise<never>((_, reject) => (fail = reject));
  };
  return { api: { createUpload } as unknown as Api, asked, fail: (reason: unknown) => fail(reason) };
}

function opened(load?: () => Promise<typeof import("../src/attachments/uploading")>) {
  const server = waiting();
  const draft = createDraftStore({ appId: "a1", memory: newMemory(), onChangedElsewhere: () => () => undefined });
  const pictures = createPictures(server.api, "a1");
  const tray = createTray({ api: server.api, appId: "a1", draft, pictures, memory: newMemory(), load });
  draft.onMove(tray.move);
  const pending = () => tray.view.getState().pending.map(({ file, place, problem }) => [file.name, place, problem]);
  return { ...server, draft, tray, pending };
}

test("a file is on its way to its draft before anything is loaded, and stays with it", async () => {
  let arrive = () => {};
  const gate = new Promise<void>((resolve) => (arrive = resolve));
  const { draft, tray, pending, asked } = opened(() => gate.then(() => import("../src/attachments/uploading")));

  tray.add([note("shot.txt")]);
  expect(pending()).toEqual([["shot.txt", "draft:a1:new", undefined]]);
  draft.open("s1");
  arrive();

  await expect.poll(() => asked).toEqual(["shot.txt"]);
  expect(pending()).toEqual([["shot.txt", "draft:a1:new", undefined]]);
});

test("a file that is removed before anything is loaded is not uploaded", async () => {
  let arrive = () => {};
  const gate = new Promise<void>((resolve) => (arrive = resolve));
  const { tray, asked } = opened(() => gate.then(() => import("../src/attachments/uploading")));
  tray.add([note("one.txt"), note("two.txt")]);

  tray.remove(tray.view.getState().pending[0]!.key);
  arrive();

  await expect.poll(() => asked).toEqual(["two.txt"]);
});

test("a file for which the work cannot be loaded says so, and can be tried again", async () => {
  let failures = 1;
  const { tray, pending, asked } = opened(() =>
    failures-- > 0 ? Promise.reject(new TypeError("no network")) : import("../src/attachments/uploading"),
  );
  tray.add([note("shot.txt")]);
  const sentence = "What uploads files could not be loaded. Try again, or reload the page.";
  await expect.poll(pending).toEqual([["shot.txt", "draft:a1:new", sentence]]);
  expect(tray.view.getState().said).toMatchObject({ place: "draft:a1:new", sentence: `shot.txt: ${sentence}` });

  tray.retry(tray.view.getState().pending[0]!.key);

  await expect.poll(() => asked).toEqual(["shot.txt"]);
  expect(pending()).toEqual([["shot.txt", "draft:a1:new", undefined]]);
});

test("what the server does not take is refused in the draft it was for, and no other", async () => {
  const { draft, tray, pending, asked, fail } = opened();
  tray.add([note("shot.txt")]);
  await expect.poll(() => asked).toEqual(["shot.txt"]);
  draft.open("s1");

  fail(new ApiError(413, "too_large", { details: { message: "You have as many uploads as are possible." } }));

  const sentence = "shot.txt: You have as many uploads as are possible.";
  await expect.poll(() => tray.view.getState().refused).toMatchObject([{ place: "draft:a1:new", sentence }]);
  expect(pending()).toEqual([]);
  tray.add([note("other.txt")]);
  expect(tray.view.getState().refused).toHaveLength(1);
  draft.open(null);
  tray.add([note("again.txt")]);
  expect(tray.view.getState().refused).toEqual([]);
});

test("with a chat that is deleted goes what was on its way to it", async () => {
  const { draft, tray, pending, asked } = opened();
  draft.open("s1");
  tray.add([note("shot.txt")]);
  await expect.poll(() => asked).toEqual(["shot.txt"]);

  draft.open(null);
  draft.forget("s1");

  expect(pending()).toEqual([]);
});
