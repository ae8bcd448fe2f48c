import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { useStore } from "zustand";
import { FilesPane } from "../src/files/FilesPane";
import type { FilesStore } from "../src/files/store";
import { buildTree } from "../src/files/treeNodes";
import { png } from "./png";
import { serve } from "./standin.mjs";
import { startedStore } from "./store";

const LOGO = png(4, 4, [20, 140, 90]);

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

async function pane(paths: string[]) {
  const app = server.apps.get("demo-app")!;
  for (const path of paths) server.write(app, path, "x");
  const started = await startedStore(server);
  render(<FilesPane files={started.files} onOpen={started.files.open} />);
  await screen.findAllByRole("treeitem");
  return { ...started, stored: () => [...app.files.keys()].sort() };
}

const row = (name: string) => screen.findByRole("treeitem", { name });
const names = () => screen.getAllByRole("treeitem").map((item) => item.getAttribute("aria-label"));
async function choose(rowName: string, action: string) {
  await userEvent.click(await screen.findByRole("button", { name: `Actions for ${rowName}` }));
  await userEvent.click(await screen.findByRole("menuitem", { name: action }));
}

test("names sort as people count, folders first", () => {
  const files = ["file10.ts", "file2.ts", "Zoo/a.ts", "alpha/b.ts", "File1.ts", "README.md"];
  const nodes = buildTree(files.map((path) => ({ path, version: 1, size: 1, updatedAt: 1 })));

  const children = nodes.get("/")!.children!.map((id) => nodes.get(id)!.name);
  expect(children).toEqual(["alpha", "Zoo", "File1.ts", "file2.ts", "file10.ts", "README.md"]);
});

test("files that stay out of what is published are marked, and no others", async () => {
  const apart = [".env", ".ENV.local", "api/.env.production", "prod.env", ".envrc"];
  await pane([...apart, "api/env.ts", "environment.md", "conf.env/a.ts"]);
  const marked = screen
    .getAllByRole("img", { name: "stays out of what is published and pushed" })
    .map((mark) => mark.closest("[data-path]")?.getAttribute("data-path"));

  expect(marked.sort()).toEqual(apart.sort());
});

test("names that every object has are names like others in the tree", async () => {
  const { files } = await pane(["__proto__/constructor", "constructor"]);
  expect(names()).toEqual(["__proto__", "constructor", "constructor"]);

  await userEvent.click(screen.getAllByRole("treeitem", { name: "constructor" })[0]!);

  expect(files.view.getState().active).toBe("__proto__/constructor");
});

test("a folder is renamed in place with all its files, and what is typed goes along", async () => {
  const { files, doc, opened, stored } = await pane(["lib/a.ts", "lib/deep/b.ts", "c.ts"]);
  await opened("lib/a.ts");
  files.edit("lib/a.ts", "typed");

  await choose("lib", "Rename");
  const field = await screen.findByRole("textbox", { name: "New name of lib" });
  await userEvent.clear(field);
  await userEvent.type(field, "core{Enter}");

  await waitFor(() => expect(stored()).toEqual(["c.ts", "core/a.ts", "core/deep/b.ts"]));
  await waitFor(() => expect(doc("core/a.ts")?.content).toBe("typed"));
});

test("Esc leaves a name as it was", async () => {
  const { stored } = await pane(["a.ts"]);
  await userEvent.click(await row("a.ts"));
  await userEvent.keyboard("[F2]");

  await userEvent.type(await screen.findByRole("textbox", { name: "New name of a.ts" }), "b{Escape}");

  expect(screen.queryByRole("textbox")).toBeNull();
  expect(stored()).toEqual(["a.ts"]);
});

test("a name that is taken is refused in words, and nothing moves", async () => {
  const { stored } = await pane(["a.ts", "b.ts"]);
  await choose("a.ts", "Rename");
  const field = await screen.findByRole("textbox", { name: "New name of a.ts" });
  await userEvent.clear(field);
  await userEvent.type(field, "b.ts{Enter}");

  expect((await screen.findByRole("alert")).textContent).toBe("Another file or folder already uses that name.");
  expect(stored()).toEqual(["a.ts", "b.ts"]);
});

test("a file that is dropped on a folder moves into it", async () => {
  const { stored } = await pane(["a.ts", "lib/b.ts"]);
  const data = new DataTransfer();

  fireEvent.dragStart(await row("a.ts"), { dataTransfer: data });
  fireEvent.dragOver(await row("lib"), { dataTransfer: data });
  fireEvent.drop(await row("lib"), { dataTransfer: data });

  await waitFor(() => expect(stored()).toEqual(["lib/a.ts", "lib/b.ts"]));
});

test("a folder that was made by hand is there before it holds a file", async () => {
  const { stored } = await pane(["lib/a.ts"]);
  await choose("lib", "New folder");
  await userEvent.type(await screen.findByRole("textbox", { name: "Path" }), "deep{Enter}");
  expect(await row("deep")).toBeTruthy();

  await choose("deep", "New file");
  const field = await screen.findByRole<HTMLInputElement>("textbox", { name: "Path" });
  expect(field.value).toBe("lib/deep/");
  await userEvent.type(field, "b.ts{Enter}");

  await waitFor(() => expect(stored()).toEqual(["lib/a.ts", "lib/deep/b.ts"]));
});

test("deleting a folder says how much goes, and takes all of it", async () => {
  const { stored } = await pane(["lib/a.ts", "lib/deep/b.ts", "c.ts"]);
  (await row("lib")).focus();
  await userEvent.keyboard("{Delete}");

  expect(await screen.findByText(/^lib and its 2 files are removed/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Delete folder" }));

  await waitFor(() => expect(stored()).toEqual(["c.ts"]));
});

test("a row is opened by Enter, and all folders close with one button", async () => {
  const { files } = await pane(["lib/a.ts", "b.ts"]);
  (await row("b.ts")).focus();
  await userEvent.keyboard("{Enter}");
  expect(files.view.getState().active).toBe("b.ts");

  await userEvent.click(screen.getByRole("button", { name: "Collapse all folders" }));

  expect(names()).toEqual(["lib", "b.ts"]);
});

test("what the turn has changed and what is not saved is marked, with words for it", async () => {
  const { files, opened, byAssistant } = await pane(["lib/a.ts", "b.ts"]);
  byAssistant("lib/a.ts", "y");
  byAssistant("new.ts", "z");
  await opened("b.ts");
  files.edit("b.ts", "typed");

  expect(await within(await row("a.ts")).findByRole("img", { name: "changed in this turn" })).toBeTruthy();
  expect(within(await row("new.ts")).getByRole("img", { name: "new in this turn" })).toBeTruthy();
  expect(within(await row("lib")).getByRole("img", { name: "holds changes of this turn" })).toBeTruthy();
  expect(within(await row("b.ts")).getByRole("img", { name: "unsaved" })).toBeTruthy();
});

function Active({ files }: { files: FilesStore }) {
  return <output>{useStore(files.view, ({ place }) => `${place?.path}:${place?.line}`)}</output>;
}

test("a new file has the cursor", async () => {
  const { files } = await pane(["a.ts"]);
  render(<Active files={files} />);
  await userEvent.click(screen.getByRole("button", { name: "New file" }));

  await userEvent.type(screen.getByRole("textbox", { name: "Path" }), "b.ts{Enter}");

  await waitFor(() => expect(screen.getByRole("status").textContent).toBe("b.ts:1"));
});

const file = (name: string, bytes: BlobPart, type = "") => new File([bytes], name, { type });
const dropped = (...files: File[]) => ({ dataTransfer: { types: ["Files"], files, effectAllowed: "all" } });

test("files of one's own are dropped on a folder: texts as texts, all else byte for byte", async () => {
  const { app, files, stored } = await pane(["public/a.txt"]);

  fireEvent.drop(
    await row("public"),
    dropped(
      file("logo.png", LOGO, "image/png"),
      file("index.ts", "\uFEFFexport {};\r\n", "video/mp2t"),
      file("odd.txt", new Uint8Array([0x61, 0xff])),
    ),
  );

  await waitFor(() =>
    expect(stored()).toEqual(["public/a.txt", "public/index.ts", "public/logo.png", "public/odd.txt"]),
  );
  expect(app.files.get("public/logo.png").bytes.equals(LOGO)).toBe(true);
  expect(app.files.get("public/index.ts").content).toBe("\uFEFFexport {};\r\n");
  expect([...app.files.get("public/odd.txt").bytes]).toEqual([0x61, 0xff]);
  expect((await row("logo.png")).title).toBe(`public/logo.png\n${LOGO.length} B`);
  expect(files.view.getState().tabs).toEqual([]);
});

test("a file that is chosen for a folder takes another one's place only when that is wanted", async () => {
  const { app, doc, opened } = await pane(["docs/a.txt", "b.txt"]);
  await opened("docs/a.txt");
  await choose("a.txt", "Upload files");
  const field = document.querySelector<HTMLInputElement>("input[type=file]")!;

  await userEvent.upload(field, file("a.txt", "new"));
  await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Keep it" }));
  expect(app.files.get("docs/a.txt").content).toBe("x");

  await userEvent.upload(field, file("a.txt", "new"));
  const question = await screen.findByRole("dialog", { name: "Replace docs/a.txt?" });
  await userEvent.click(within(question).getByRole("button", { name: "Replace" }));
  await waitFor(() => expect(app.files.get("docs/a.txt").content).toBe("new"));
  await waitFor(() => expect(doc("docs/a.txt")?.content).toBe("new"));
});

test("a file that is too large is refused in one sentence, and the others are taken", async () => {
  const { stored } = await pane(["a.txt"]);

  fireEvent.drop(
    await row("a.txt"),
    dropped(file("film.mp4", new Uint8Array(1_000_001), "video/mp4"), file("b.txt", "b")),
  );

  await screen.findByText("film.mp4 is larger than 1 MB, which is the most that a file of an app may have.");
  await waitFor(() => expect(stored()).toEqual(["a.txt", "b.txt"]));
});

test("a file that is not what its name says is refused, unless it is a picture of another kind", async () => {
  const { stored } = await pane(["a.txt"]);

  fireEvent.drop(
    await row("a.txt"),
    dropped(
      file("fake.png", "no picture", "image/png"),
      file("empty.JPG", ""),
      file("fake.pdf", LOGO, "application/pdf"),
      file("photo.png", new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0x10])),
      file("logo.webp", LOGO),
      file("page.pdf", "%PDF-1.7\n", "application/pdf"),
    ),
  );

  await waitFor(() => expect(stored()).toEqual(["a.txt", "logo.webp", "page.pdf", "photo.png"]));
  const alert = await screen.findByRole("alert");
  expect(
    within(alert)
      .getAllByRole("listitem")
      .map((line) => line.textContent),
  ).toEqual([
    "fake.png is no picture, whatever its name says.",
    "empty.JPG is no picture, whatever its name says.",
    "fake.pdf is not a PDF, whatever its name says.",
  ]);
  await userEvent.click(within(alert).getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByRole("alert")).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole("region", { name: "Files" }));
});

test("an app without files takes the first ones from one's own machine", async () => {
  const { files, app } = await startedStore(server);
  render(<FilesPane files={files} onOpen={files.open} />);
  await screen.findByRole("button", { name: "Upload files" });

  fireEvent.drop(screen.getByRole("region", { name: "Files" }), dropped(file("logo.png", LOGO, "image/png")));

  await waitFor(() => expect(files.view.getState().active).toBe("logo.png"));
  expect(app.files.get("logo.png").bytes.equals(LOGO)).toBe(true);
});
