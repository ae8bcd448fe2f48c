/** Files that go along with a message, in the whole page: from the box to the conversation. */
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../src/App";
import { createApi, DEFAULT_CONFIG, type Fetch } from "../src/api/client";
import { serve } from "./standin.mjs";
import { DESKTOP, setTouch, setViewport } from "./viewport";

vi.mock("../src/editor/MonacoEditor", () => ({ default: () => <textarea aria-label="Code" /> }));

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve({ delayMs: 1 });
  window.history.replaceState(null, "", "/");
  setViewport(DESKTOP);
});
afterEach(async () => {
  cleanup();
  setTouch(false);
  globalThis.sessionStorage.clear();
  await server.close();
});

const config = { ...DEFAULT_CONFIG, demo: { model: true } };

/** Opens the page; gives the messages that it posts. */
function open(): { posted: Record<string, unknown>[] } {
  const posted: Record<string, unknown>[] = [];
  const fetcher: Fetch = async (path, init) => {
    if (path === DEFAULT_CONFIG.basePath && init?.method === "POST") posted.push(JSON.parse(String(init.body)));
    return fetch(`${server.url}${String(path)}`, init);
  };
  render(<App api={createApi(config, fetcher)} config={config} />);
  return { posted };
}

const box = () => screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
const write = async (text: string) => fireEvent.change(await box(), { target: { value: text } });
const enter = async () => fireEvent.keyDown(await box(), { key: "Enter" });
const say = async (text: string) => {
  await write(text);
  await enter();
};
const send = () => screen.getByRole<HTMLButtonElement>("button", { name: "Send" });
const note = (name: string, text = "Ideas") => new File([text], name, { type: "text/plain" });
const attach = async (...files: File[]) => {
  fireEvent.change(await screen.findByLabelText("Attach files", { selector: "input" }), { target: { files } });
};
const clipboard = (files: File[], texts: Record<string, string> = {}) => ({
  clipboardData: { files, getData: (type: string) => texts[type] ?? "" },
});
const attached = () => screen.findByRole("list", { name: "Attached files" });
const isUploaded = (count: number) =>
  waitFor(() => {
    expect(within(screen.getByRole("list", { name: "Attached files" })).getAllByRole("listitem")).toHaveLength(count);
    expect(screen.queryByRole("progressbar")).toBeNull();
  });
const idOf = (name: string) => [...server.uploads.all.values()].find((upload) => upload.name === name)?.uploadId;
const answered = async (count: number) =>
  waitFor(async () => {
    const all = await screen.findAllByRole("article", { name: "Assistant" });
    expect(all).toHaveLength(count);
    expect(all.at(-1)?.dataset.status).toBe("complete");
  });

test("a picked file is uploaded, goes out with the message and is shown in it", async () => {
  const { posted } = open();
  await attach(note("ideas.md", "# Ideas"));
  await isUploaded(1);
  expect((await attached()).textContent).toContain("ideas.md7 B");

  await say("Build this");

  await answered(1);
  expect(posted).toMatchObject([{ message: "Build this", attachments: [idOf("ideas.md")] }]);
  const asked = screen.getByRole("article", { name: "You" });
  expect(within(asked).getByRole("list", { name: "Attachments" }).textContent).toBe("ideas.mdText, 7 B");
  expect(screen.queryByRole("list", { name: "Attached files" })).toBeNull();
});

test("a message without words is not sent, and the page says what is missing", async () => {
  open();
  await attach(note("ideas.md"));
  await isUploaded(1);

  expect(screen.getByText("Say what to do with it")).toBeTruthy();
  expect(send().disabled).toBe(true);
  await write("Go");
  expect(send().disabled).toBe(false);
});

test("files go out in the order in which they were picked, whichever arrives first", async () => {
  const { posted } = open();
  let arrive = () => {};
  server.uploads.control.gate = new Promise<void>((resolve) => (arrive = resolve));
  await attach(note("first.txt"));
  await screen.findByRole("progressbar", { name: "Uploading first.txt" });
  await waitFor(() => expect(server.uploads.control.held).toBe(1));
  server.uploads.control.gate = Promise.resolve();
  await attach(note("second.txt"));
  await waitFor(() => expect(screen.getAllByRole("progressbar")).toHaveLength(1));
  arrive();
  await isUploaded(2);

  await say("Build this");

  await waitFor(() => expect(posted).toMatchObject([{ attachments: [idOf("first.txt"), idOf("second.txt")] }]));
});

test("what cannot be attached is refused in a sentence each, and the rest is uploaded", async () => {
  open();
  await write("Look");
  await attach(
    new File([], "empty.txt", { type: "text/plain" }),
    new File([new Uint8Array([80, 75, 3, 4, 0, 0])], "all.zip", { type: "application/zip" }),
    new File(["x".repeat(1_000_001)], "long.log", { type: "text/plain" }),
    new File(["hello"], "fake.pdf", { type: "application/pdf" }),
    note("good.txt"),
  );

  await isUploaded(1);
  const said = within(await screen.findByRole("alert")).getAllByRole("listitem");
  expect(said.map((sentence) => sentence.textContent)).toEqual([
    "empty.txt is empty.",
    "all.zip cannot be attached. Pictures, PDFs and text files can.",
    "long.log is too large: 1.0 MB. A text may have 1.0 MB.",
    "fake.pdf is not a PDF, whatever its name says.",
  ]);
  expect(server.uploads.all.size).toBe(1);
  expect((await box()).value).toBe("Look");
  await userEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(screen.queryByRole("alert")).toBeNull();
});

test("of eleven files the last is left out, and the page says so", async () => {
  open();
  await attach(...Array.from({ length: 11 }, (_, at) => note(`${at + 1}.txt`)));

  expect(await screen.findByText("At most 10 files go with one message: 11.txt left out.")).toBeTruthy();
  await isUploaded(10);
});

test("an upload that fails keeps the text and the other files, and can be tried again", async () => {
  const { posted } = open();
  await write("Build this");
  await attach(note("first.txt"));
  await isUploaded(1);
  server.uploads.control.refusals = 1;
  await attach(note("second.txt"));

  const again = await screen.findByRole("button", { name: "Try again: second.txt" });
  expect(screen.getByText("The file was not taken by the storage.")).toBeTruthy();
  expect(screen.getByText("Remove what was not uploaded, or try it again")).toBeTruthy();
  await enter();
  expect(posted).toEqual([]);
  expect(screen.getByText("second.txt: The file was not taken by the storage.").getAttribute("role")).toBe("status");
  await userEvent.click(again);
  expect(document.activeElement).toBe(await box());
  await waitFor(() => expect(send().disabled).toBe(false));
  await userEvent.click(send());

  await answered(1);
  expect(posted).toHaveLength(1);
  expect(posted[0]?.attachments).toHaveLength(2);
});

test("a file that the server refuses says why, and the message goes without it", async () => {
  const { posted } = open();
  await write("Read it");
  await attach(new File(["%PDF-1.7 refuse me"], "secret.pdf", { type: "application/pdf" }));

  const refusals = await screen.findByRole("alert");
  expect(refusals.textContent).toBe("secret.pdf: The file has a password.");
  expect(screen.queryByRole("list", { name: "Attached files" })).toBeNull();
  await enter();

  await waitFor(() => expect(posted).toMatchObject([{ message: "Read it" }]));
});

test("nothing is sent while a file is on its way, and a reload says that it was interrupted", async () => {
  const { posted } = open();
  let arrive = () => {};
  server.uploads.control.gate = new Promise<void>((resolve) => (arrive = resolve));
  await write("Build this");
  await attach(note("slow.txt"));
  expect(await screen.findByRole("progressbar", { name: "Uploading slow.txt" })).toBeTruthy();
  expect(screen.getByText("Can be sent when the files are uploaded")).toBeTruthy();
  await enter();

  cleanup();
  arrive();
  open();

  expect(await screen.findByText("The upload of slow.txt was interrupted. Attach it again.")).toBeTruthy();
  expect((await box()).value).toBe("Build this");
  expect(screen.queryByRole("list", { name: "Attached files" })).toBeNull();
  expect(posted).toEqual([]);
  expect(server.sessions.size).toBe(0);
});

test("uploaded files are in the draft after a reload, and a removed one is not", async () => {
  open();
  await attach(note("keep.txt"), note("drop.txt"));
  await isUploaded(2);
  await userEvent.click(screen.getByRole("button", { name: "Remove drop.txt" }));

  cleanup();
  open();

  expect((await attached()).textContent).toContain("keep.txt");
  expect((await attached()).textContent).not.toContain("drop.txt");
});

test("a message whose upload has expired is in the box again, files and all, with the reason", async () => {
  open();
  await attach(note("old.txt"), note("new.txt"));
  await isUploaded(2);
  server.uploads.all.delete(idOf("old.txt"));
  await say("Build this");

  expect(await screen.findByText("An attached file is not there any more.")).toBeTruthy();
  expect((await box()).value).toBe("Build this");
  expect(await screen.findByText("It is not kept any more. Attach it again.")).toBeTruthy();
  expect(screen.getByText("old.txt: It is not kept any more. Attach it again.")).toBeTruthy();
  expect(send().disabled).toBe(true);
  expect(screen.getByText("Remove what cannot go along")).toBeTruthy();
  await userEvent.click(await screen.findByRole("button", { name: "Remove old.txt" }));
  await enter();

  await answered(1);
  expect(screen.getByRole("list", { name: "Attachments" }).textContent).toContain("new.txt");
});

test("a message that is edited keeps its files, but for those that are removed", async () => {
  const { posted } = open();
  await attach(note("one.txt"), note("two.txt"));
  await isUploaded(2);
  await say("Build this");
  await answered(1);

  await userEvent.click(await screen.findByRole("button", { name: "Edit and resend" }));
  const editor = within(screen.getByRole("article", { name: "You" }));
  fireEvent.paste(await editor.findByRole("textbox"), clipboard([note("three.txt")]));
  expect(editor.getByRole("alert").textContent).toContain("Paste them into the box below.");
  await userEvent.click(await editor.findByRole("button", { name: "Remove one.txt" }));
  fireEvent.change(editor.getByRole("textbox", { name: "Edit message" }), { target: { value: "Build this now" } });
  await userEvent.click(editor.getByRole("button", { name: "Send" }));

  await waitFor(() => expect(posted).toHaveLength(2));
  expect(posted[1]).toMatchObject({ message: "Build this now", attachments: [idOf("two.txt")] });
  await answered(1);
  await userEvent.click(await screen.findByRole("button", { name: "Write again" }));
  await waitFor(() => expect(posted).toHaveLength(3));
  expect(posted[2]).toMatchObject({ message: "Build this now", attachments: [idOf("two.txt")] });
});

test("a queued message keeps its files, and brings them back into the box", async () => {
  await server.close();
  server = await serve({ delayMs: 30 });
  open();
  await say("Create a todo app");
  await screen.findByRole("button", { name: "Stop" });
  await attach(note("ideas.md"));
  await isUploaded(1);
  await say("Then this");

  const queue = within(await screen.findByRole("region", { name: "Queued messages" }));
  expect(queue.getByText("ideas.md")).toBeTruthy();
  await userEvent.click(queue.getByRole("button", { name: "Take back to the message box" }));

  expect((await box()).value).toBe("Then this");
  expect((await attached()).textContent).toContain("ideas.md");
});

test("files that are pasted or dropped are attached, text that comes with its picture is pasted as text", async () => {
  open();
  fireEvent.paste(await box(), clipboard([note("office.txt")], { "text/plain": "A", "text/html": "<b>A</b>" }));
  fireEvent.paste(await box(), clipboard([note("pasted.txt")]));
  const chat = screen.getByRole("region", { name: "Chat" });
  const dataTransfer = { types: ["Files"], files: [note("dropped.txt")], dropEffect: "" };
  fireEvent.dragEnter(chat, { dataTransfer });
  expect(screen.getByText("Drop files to attach them")).toBeTruthy();
  fireEvent.drop(chat, { dataTransfer });
  expect(screen.queryByText("Drop files to attach them")).toBeNull();

  await isUploaded(2);
  expect((await attached()).textContent).toMatch(/pasted\.txt.*dropped\.txt/);
});

test("pictures that are pasted have names of their own", async () => {
  open();
  const screenshot = () => new File(["<svg/>"], "image.svg", { type: "image/svg+xml" });
  fireEvent.paste(await box(), clipboard([screenshot()]));
  await isUploaded(1);
  fireEvent.paste(await box(), clipboard([screenshot(), screenshot()]));
  await isUploaded(3);

  const names = screen.getAllByRole("button", { name: /^Remove/ }).map((button) => button.getAttribute("aria-label"));
  expect(names.map((name) => name?.slice("Remove ".length))).toEqual([
    "Pasted picture 1.svg",
    "Pasted picture 2.svg",
    "Pasted picture 3.svg",
  ]);
});

test("a drawing in SVG goes as it is, and is a document in its message", async () => {
  open();
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 4"/>';
  await attach(new File([drawing], "logo.svg", { type: "image/svg+xml" }));
  await isUploaded(1);
  expect(server.uploads.all.get(idOf("logo.svg")).bytes.toString()).toBe(drawing);

  await say("Use this logo");

  await answered(1);
  expect(screen.getByRole("list", { name: "Attachments" }).textContent).toBe(`logo.svgSVG, ${drawing.length} B`);
});

test("where one types on glass, the button offers the camera", async () => {
  setTouch(true);
  open();
  await userEvent.click(await screen.findByRole("button", { name: "Attach files" }));

  expect(await screen.findByRole("menuitem", { name: "Choose files" })).toBeTruthy();
  const camera = screen.getByLabelText<HTMLInputElement>("Take a photo", { selector: "input" });
  let opened = false;
  camera.addEventListener("click", () => (opened = true));
  await userEvent.click(screen.getByRole("menuitem", { name: "Take a photo" }));
  expect([opened, camera.getAttribute("capture"), camera.accept]).toEqual([true, "environment", "image/*"]);
});
