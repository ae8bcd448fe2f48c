import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCheckpointsStore } from "../src/files/checkpoints";
import { createContentsStore } from "../src/files/contents";
import { EditorPane } from "../src/files/EditorPane";
import { readPastVersion } from "../src/files/pastVersion";
import { Timeline } from "../src/files/Timeline";
import { png } from "./png";
import { serve } from "./standin.mjs";
import { startedStore } from "./store";

const LOGO = png(4, 4, [20, 140, 90]);
const OTHER = png(8, 2, [200, 40, 40]);
const urlOf = (bytes: Buffer) => `data:image/png;base64,${bytes.toString("base64")}`;

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

/** An app with these files, and how Claude changes one. */
async function started(files: Record<string, string | Buffer>) {
  const app = server.apps.get("demo-app")!;
  for (const [path, content] of Object.entries(files)) server.write(app, path, content);
  const store = await startedStore(server);
  const change = (path: string, content: string | Buffer) => {
    const action = app.files.has(path) ? ("edited" as const) : ("created" as const);
    const version = server.write(app, path, content, { author: "ai", message: "Do it", turnId: 1, sessionId: "s1" });
    store.files.apply({ path, action, version, toolId: "t1" });
  };
  const entry = (path: string) => store.files.view.getState().byPath.get(path);
  return { ...store, app, change, entry };
}

test("a file that is no text is opened without anybody asking for a text", async () => {
  const { files, asked, doc } = await started({ "logo.png": LOGO });
  asked.length = 0;

  files.open("logo.png");

  expect(files.view.getState()).toMatchObject({ tabs: ["logo.png"], active: "logo.png" });
  expect(doc("logo.png")).toBeUndefined();
  expect(asked).toEqual([]);
});

test("a tab follows its file from text to picture and back", async () => {
  const { files, opened, change, doc, entry } = await started({ "logo.svg": "<svg/>" });
  await opened("logo.svg");

  change("logo.svg", LOGO);
  await expect.poll(() => entry("logo.svg")?.binary).toBe(true);
  expect(doc("logo.svg")).toBeUndefined();
  expect(entry("logo.svg")).toMatchObject({ size: LOGO.length, mediaType: "image/png" });

  change("logo.svg", "<svg />");
  await expect.poll(() => doc("logo.svg")?.content).toBe("<svg />");
  expect(entry("logo.svg")?.binary).toBeUndefined();
  expect(files.view.getState().tabs).toEqual(["logo.svg"]);
});

test("what is typed is not lost to a picture that takes the file's place", async () => {
  const { app, files, opened, change, doc } = await started({ "notes.md": "one" });
  await opened("notes.md");
  files.edit("notes.md", "typed");

  change("notes.md", LOGO);
  await expect.poll(() => doc("notes.md")?.conflict).toMatchObject({ theirs: null, version: 2 });
  await files.resolve("notes.md", "mine");
  expect(app.files.get("notes.md")).toMatchObject({ content: "typed", version: 3 });

  files.edit("notes.md", "typed again");
  server.write(app, "notes.md", LOGO);
  await files.save("notes.md");
  expect(doc("notes.md")?.conflict).toMatchObject({ theirs: null, version: 4 });
  await files.resolve("notes.md", "theirs");
  expect(doc("notes.md")).toBeUndefined();
  expect(files.view.getState().tabs).toEqual(["notes.md"]);
});

test("the tab of a picture that is deleted or renamed goes, or has another name", async () => {
  const { app, files } = await started({ "a.png": LOGO, "b.png": LOGO });
  files.open("a.png");
  files.open("b.png");

  await files.rename("a.png", "c.png");
  app.files.delete("b.png");
  await files.refresh();

  expect(files.view.getState().tabs).toEqual(["c.png"]);
  expect(files.view.getState().byPath.get("c.png")?.binary).toBe(true);
});

async function contentsOf(files: Record<string, string | Buffer>) {
  const store = await started(files);
  const contents = createContentsStore({ api: store.api, appId: "demo-app", files: store.files });
  store.asked.length = 0;
  await contents.start();
  const urls = () => Object.fromEntries([...contents.view.getState().assets].map(([path, { url }]) => [path, url]));
  const bytesAsked = () => store.asked.filter((request) => request.includes("raw?")).length;
  return { ...store, contents, urls, bytesAsked };
}

test("of the files that are no text, those that a text names are there with the texts", async () => {
  const { contents, urls, bytesAsked } = await contentsOf({
    "src/App.tsx": 'import logo from "./logo.png";\nconst photo = "/photos/" + 1 + ".jpg";',
    "src/logo.png": LOGO,
    "public/photos/1.jpg": OTHER,
    "unused.png": OTHER,
  });

  expect(contents.view.getState().status).toBe("ready");
  expect([...contents.view.getState().files.keys()]).toEqual(["src/App.tsx"]);
  expect(urls()).toEqual({
    "src/logo.png": urlOf(LOGO),
    "public/photos/1.jpg": urlOf(OTHER),
    "unused.png": "data:,",
  });
  expect(bytesAsked()).toBe(2);
});

test("each version of a picture is asked for once, and the one before it stays until then", async () => {
  const { change, files, opened, urls, bytesAsked } = await contentsOf({
    "a.css": "a{background:url(logo.png)}",
    "logo.png": LOGO,
  });
  await opened("a.css");
  files.edit("a.css", "b{background:url(logo.png)}");
  expect(bytesAsked()).toBe(1);

  const seen = new Set<string | undefined>();
  change("logo.png", OTHER);
  await expect
    .poll(() => {
      seen.add(urls()["logo.png"]);
      return urls()["logo.png"];
    })
    .toBe(urlOf(OTHER));
  expect(bytesAsked()).toBe(2);
  expect([...seen].every((url) => url === urlOf(LOGO) || url === urlOf(OTHER))).toBe(true);
});

test("a preview gets no more than it can carry, and what cannot be had stays empty", async () => {
  const large = Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [`${String(at).padStart(2, "0")}.png`, Buffer.alloc(1_000_000, at)]),
  );
  const { urls, bytesAsked } = await contentsOf({ "a.ts": Object.keys(large).join(), ...large });

  expect(bytesAsked()).toBe(10);
  expect(Object.values(urls()).filter((url) => url === "data:,")).toHaveLength(2);
});

test("an earlier version is shown with the files that are no text", async () => {
  const { app, api, contents } = await contentsOf({ "a.ts": "logo.png gone.png", "logo.png": LOGO, "gone.png": LOGO });
  const { revision } = app;
  app.files.delete("gone.png");
  server.write(app, "later.png", OTHER);

  const past = await readPastVersion(api, "demo-app", revision, contents.view.getState().assets);

  expect([...past.assets.keys()].sort()).toEqual(["gone.png", "logo.png"]);
  expect(past.assets.get("logo.png")?.url).toBe(urlOf(LOGO));
});

test("a picture is drawn with its size, and asked for again where it could not be had", async () => {
  const { api, files } = await started({ "logo.png": LOGO });
  const checkpoints = createCheckpointsStore({ api, appId: "demo-app", onRestored: () => undefined });
  let broken = true;
  const readBytes: typeof files.readBytes = (path, version) =>
    broken ? Promise.reject(new TypeError("no network")) : files.readBytes(path, version);
  files.open("logo.png");
  render(<EditorPane appId="demo-app" files={{ ...files, readBytes }} checkpoints={checkpoints} theme="light" plain />);

  const again = await screen.findByRole("button", { name: "Try again" });
  expect(screen.queryByRole("img", { name: "logo.png" })).toBeNull();
  broken = false;
  await userEvent.click(again);

  expect((await screen.findByRole("img", { name: "logo.png" })).getAttribute("src")).toMatch(/^blob:/);
  expect(screen.getByText(`${LOGO.length} B, image/png`)).toBeDefined();
});

test("what Claude has done to a picture can be undone", async () => {
  const { app, api, files, change } = await started({ "logo.png": LOGO });
  const checkpoints = createCheckpointsStore({ api, appId: "demo-app", onRestored: () => void files.refresh() });
  files.open("logo.png");
  render(<EditorPane appId="demo-app" files={files} checkpoints={checkpoints} theme="light" plain />);
  change("logo.png", OTHER);
  await files.settle([]);

  await screen.findByText("1 change by Claude");
  await userEvent.click(await screen.findByRole("button", { name: "Before" }));
  await screen.findByText(`${LOGO.length} B, image/png`);
  await userEvent.click(screen.getByRole("button", { name: "Undo" }));

  await waitFor(() => expect(app.files.get("logo.png").bytes.equals(LOGO)).toBe(true));
  await waitFor(() => expect(screen.queryByText("1 change by Claude")).toBeNull());
});

test("of a picture, a version tells the sizes", async () => {
  const { app, api } = await started({ "logo.png": LOGO });
  server.write(app, "logo.png", Buffer.concat([OTHER, Buffer.alloc(34_000)]));
  const checkpoints = createCheckpointsStore({ api, appId: "demo-app", onRestored: () => undefined });

  render(<Timeline checkpoints={checkpoints} revision={2} onOpenFile={() => undefined} />);

  await screen.findByText(`binary, ${LOGO.length} B to 34 kB, 8 × 2`);
  expect(screen.queryByRole("region", { name: "Changed lines of logo.png" })).toBeNull();
});
