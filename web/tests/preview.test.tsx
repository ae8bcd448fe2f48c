import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { StrictMode } from "react";
import { expect, test, vi } from "vitest";
import { createStore } from "zustand/vanilla";
import type { Problem } from "../src/preview/model";
import PreviewPane, { type PreviewPaneProps } from "../src/preview/PreviewPane";
import { createPreviewStore, errorCount } from "../src/preview/store";
import type { Contents } from "../src/preview/useRunningApp";
import { storage } from "../src/ui/storage";
import { fakeEngine } from "./fakePreview";

const PAGE = "<p>Hello</p>";
const AT = { path: "src/TodoList.tsx", line: 12, column: 8 };
const SYNTAX: Problem = { kind: "syntax", message: "Unexpected token", at: AT };
const RENDER: Problem = { kind: "render", message: "TypeError: x is undefined", at: AT };

/** The pane over an engine that runs nothing; `preview()` is the app that it started last. */
function open(files: Record<string, string> = { "index.html": PAGE }, props: Partial<PreviewPaneProps> = {}) {
  const engine = fakeEngine();
  const view = createStore<ReturnType<Contents["view"]["getState"]>>(() => ({
    status: "ready",
    files: new Map(Object.entries(files)),
    assets: new Map(),
  }));
  const store = createPreviewStore({ memory: storage });
  const given: PreviewPaneProps = {
    appId: "app",
    contents: { view, retry: vi.fn() },
    store,
    visible: true,
    working: false,
    turnKey: "m1",
    memory: storage,
    onOpenFile: vi.fn(),
    onAskClaude: vi.fn(),
    onPick: vi.fn(),
    loadEngine: engine.loadEngine,
    ...props,
  };
  const pane = (changed: Partial<PreviewPaneProps>) => (
    <StrictMode>
      <PreviewPane {...given} {...changed} />
    </StrictMode>
  );
  const page = render(pane({}));
  return {
    ...given,
    engine,
    again: (changed: Partial<PreviewPaneProps>) => page.rerender(pane(changed)),
    unmount: page.unmount,
    write: (path: string, text: string) =>
      act(() => view.setState(({ files: before }) => ({ files: new Map(before).set(path, text) }))),
    preview: () => engine.previews.at(-1)!,
    running: () => waitFor(() => expect(engine.previews.at(-1)?.updates).toBe(1)),
  };
}

const press = (name: string | RegExp) => userEvent.click(screen.getByRole("button", { name }));
const address = () => screen.getByRole<HTMLInputElement>("textbox", { name: "Address in the app" });

test("before the first app a picture and a sentence stand in its place, and no engine is loaded", async () => {
  const pane = open({});
  expect(screen.getByRole("heading", { name: "Your app appears here" })).toBeTruthy();
  expect(screen.queryByRole("textbox", { name: "Address in the app" })).toBeNull();
  expect(pane.engine.previews).toEqual([]);

  pane.again({ working: true });
  expect(screen.getByRole("heading", { name: "Claude is building your app" })).toBeTruthy();

  pane.write("index.html", PAGE);
  await pane.running();
  expect(pane.preview().files.get("index.html")).toBe(PAGE);
  expect(screen.queryByRole("heading")).toBeNull();
});

test("files without a page say what an app begins with", async () => {
  const pane = open({ "README.md": "" });
  expect(await screen.findByRole("heading", { name: "There is no page to show yet" })).toBeTruthy();
  pane.unmount();
  expect(pane.engine.previews.every(({ disposed }) => disposed)).toBe(true);
});

test("an engine or files that cannot be loaded are asked for again", async () => {
  const { loadEngine } = fakeEngine();
  let online = false;
  const pane = open(undefined, {
    loadEngine: () => (online ? loadEngine() : Promise.reject(new Error("offline"))),
  });
  expect(await screen.findByRole("heading", { name: "The preview could not be loaded" })).toBeTruthy();
  online = true;
  await press("Try again");
  expect(await screen.findByTitle("The app")).toBeTruthy();
  pane.unmount();

  const view = createStore<ReturnType<Contents["view"]["getState"]>>(() => ({
    status: "failed",
    files: new Map(),
    assets: new Map(),
  }));
  const retry = vi.fn();
  open({}, { contents: { view, retry } });
  await press("Try again");
  expect(retry).toHaveBeenCalledOnce();
});

test("what Claude writes is shown at once, and what is typed after a pause", async () => {
  const pane = open();
  await pane.running();

  pane.again({ working: true });
  pane.write("a.css", "1");
  expect(pane.preview().files.get("a.css")).toBe("1");

  pane.again({ working: false });
  for (const text of ["12", "123", "1234"]) pane.write("a.css", text);
  expect(pane.preview().updates).toBe(2);
  await waitFor(() => expect(pane.preview().updates).toBe(3));
  expect(pane.preview().files.get("a.css")).toBe("1234");
});

test("hidden, the app goes on in the same frame, out of reach", async () => {
  const pane = open();
  await pane.running();
  const frame = screen.getByTitle("The app");

  pane.again({ visible: false });
  expect(screen.getByTitle("The app")).toBe(frame);
  expect(frame.closest("[inert]")).not.toBeNull();
  pane.again({ visible: true });
  expect(screen.getByTitle("The app")).toBe(frame);
  expect(frame.closest("[inert]")).toBeNull();
});

test("one goes about in the app by address, back, forward, reload and a tab of its own", async () => {
  const pane = open();
  await pane.running();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Back" }).disabled).toBe(true);

  await userEvent.clear(address());
  await userEvent.type(address(), "accounts/42?tab=all{Enter}");
  expect(address().value).toBe("/accounts/42?tab=all");
  await press("Back");
  expect(address().value).toBe("/");
  await press("Forward");
  expect(address().value).toBe("/accounts/42?tab=all");
  await userEvent.type(address(), "nonsense{Escape}");
  expect(address().value).toBe("/accounts/42?tab=all");
  await userEvent.clear(address());
  await userEvent.type(address(), "https://example.com/about#team{Enter}");
  expect(address().value).toBe("/about#team");

  await press("Reload the app");
  expect(pane.preview().reloads).toBe(1);
  await press("Open in a new tab");
  expect(pane.preview().tabs).toBe(1);
});

test("the frame takes the width of a device, and stays the same frame", async () => {
  const pane = open();
  await pane.running();
  const frame = screen.getByTitle("The app");
  const widths = within(screen.getByRole("group", { name: "Width of the frame" }));

  await userEvent.click(widths.getByRole("button", { name: "Phone" }));
  expect(widths.getByRole("button", { name: "Phone" }).getAttribute("aria-pressed")).toBe("true");
  expect(widths.getByRole("button", { name: "Fill the pane" }).getAttribute("aria-pressed")).toBe("false");
  expect(screen.getByTitle("The app")).toBe(frame);
  expect(pane.preview().reloads).toBe(0);
});

test("a mistake in a file leaves the running app in sight, and opens at its place", async () => {
  const pane = open();
  await pane.running();
  act(() => pane.preview().tells.onProblem(SYNTAX));

  expect(screen.getByRole("heading", { name: "There is a mistake in TodoList.tsx" })).toBeTruthy();
  expect(screen.getByText("The app goes on as it was before this change.")).toBeTruthy();
  await press("Open src/TodoList.tsx:12:8");
  expect(pane.onOpenFile).toHaveBeenCalledWith("src/TodoList.tsx", 12, 8);

  await press("Hide this");
  // Told once more, e.g. since something else was painted, it stays away; another one does not.
  act(() => pane.preview().tells.onProblem({ ...SYNTAX }));
  expect(screen.queryByRole("heading")).toBeNull();
  act(() => pane.preview().tells.onProblem(RENDER));
  expect(screen.getByRole("heading", { name: "The app could not be shown" })).toBeTruthy();
  act(() => pane.preview().tells.onProblem(null));
  expect(screen.queryByRole("heading")).toBeNull();
});

test("while Claude writes, what is broken for the moment is no alarm", async () => {
  const pane = open(undefined, { working: true });
  await pane.running();
  act(() => pane.preview().tells.onProblem(SYNTAX));
  expect(screen.queryByRole("heading")).toBeNull();
  expect(screen.getByText(/Claude is at work/)).toBeTruthy();

  pane.again({ working: false });
  expect(screen.getByRole("heading", { name: "There is a mistake in TodoList.tsx" })).toBeTruthy();
});

test("for a package that is not there Claude is asked to do without", async () => {
  const pane = open();
  await pane.running();
  act(() => pane.preview().tells.onProblem({ kind: "missing", message: "no three", packageName: "three" }));

  expect(screen.getByRole("heading", { name: "The package “three” is not available here." })).toBeTruthy();
  await press("Ask Claude to do without");
  expect(pane.onAskClaude).toHaveBeenCalledWith(
    expect.stringMatching(/“three” is not available.*do without it/s),
    false,
  );
});

test("an app that does not answer can be stopped, run again, or loaded anew", async () => {
  const pane = open();
  await pane.running();
  act(() => pane.preview().tells.onStatus("unresponsive"));

  expect(screen.getByRole("heading", { name: "The app does not answer" })).toBeTruthy();
  await press("Stop");
  expect(screen.getByRole("heading", { name: "The app is stopped" })).toBeTruthy();
  await press("Run again");
  expect(pane.preview().reloads).toBe(1);
  expect(screen.queryByRole("heading")).toBeNull();

  act(() => pane.preview().tells.onStatus("unresponsive"));
  await press("Reload");
  expect(pane.preview().reloads).toBe(2);
});

test("Fix with Claude sends the error, its place and what the console said last", async () => {
  const pane = open();
  await pane.running();
  act(() => {
    pane.preview().tells.onConsole({ level: "log", text: "started" });
    pane.preview().tells.onConsole({ level: "warn", text: "odd", at: AT });
    pane.preview().tells.onProblem(RENDER);
  });
  await press("Fix with Claude");

  const [message] = vi.mocked(pane.onAskClaude).mock.calls[0]!;
  expect(message).toContain("`src/TodoList.tsx:12:8`");
  expect(message).toContain("TypeError: x is undefined");
  expect(message).toMatch(/log: started\nwarn: odd \(src\/TodoList\.tsx:12:8\)/);
});

test("the console folds repeats, filters by level, opens files and is cleared", async () => {
  const pane = open();
  await pane.running();
  await press("Console");
  expect(screen.getByText("The app has printed nothing yet.")).toBeTruthy();
  const stack = [{ text: "at App (src/App.tsx:3:1)", at: { path: "src/App.tsx", line: 3, column: 1 } }];
  act(() => {
    for (let i = 0; i < 3; i++) pane.preview().tells.onConsole({ level: "log", text: "tick" });
    pane.preview().tells.onConsole({ level: "error", text: "broken", at: AT, stack });
  });

  const log = within(screen.getByRole("log"));
  await waitFor(() => expect(log.getAllByRole("listitem").map((line) => line.dataset.level)).toContain("error"));
  expect(log.getByText("tick").closest("li")?.textContent).toMatch(/Log.*tick.*3 times/);
  await userEvent.click(log.getByRole("button", { name: "Open src/App.tsx:3:1" }));
  expect(pane.onOpenFile).toHaveBeenCalledWith("src/App.tsx", 3, 1);

  await press(/^Errors/);
  expect(log.queryByText("tick")).toBeNull();
  expect(log.getByText("broken")).toBeTruthy();
  await press("Clear the console");
  expect(log.getByText("No errors.")).toBeTruthy();
  await press("Close the console");
  expect(screen.queryByRole("log")).toBeNull();
});

test("a long line is folded, and unfolded on demand", async () => {
  const pane = open();
  await pane.running();
  await press("Console");
  const text = Array.from({ length: 30 }, (_, index) => `row ${index}`).join("\n");
  act(() => pane.preview().tells.onConsole({ level: "log", text }));

  expect(screen.queryByText(/row 29/)).toBeNull();
  await press("Show all");
  expect(screen.getByText(/row 29/)).toBeTruthy();
});

test("errors are counted for the badge until the app changes or is loaded anew", async () => {
  const pane = open();
  await pane.running();
  act(() => {
    pane.preview().tells.onConsole({ level: "error", text: "a" });
    pane.preview().tells.onConsole({ level: "error", text: "a" });
  });
  expect(await screen.findByRole("button", { name: "Console, 2 errors" })).toBeTruthy();

  pane.write("index.html", "<p>Mended</p>");
  expect(await screen.findByRole("button", { name: "Console" })).toBeTruthy();
  expect(pane.store.readConsole()).toHaveLength(1);
  act(() => pane.preview().tells.onProblem(SYNTAX));
  expect(errorCount(pane.store.view.getState())).toBe(1);
  await press("Reload the app");
  expect(pane.store.readConsole()).toEqual([]);
});

test("what the app throws stands in its console, as often as it was thrown", async () => {
  const pane = open();
  await pane.running();
  const thrown: Problem = { kind: "event", message: "RangeError: no", at: AT };
  act(() => {
    pane.preview().tells.onProblem(thrown);
    pane.preview().tells.onProblem(thrown);
    pane.preview().tells.onProblem({ ...thrown });
  });

  expect(await screen.findByRole("button", { name: "Console, 2 errors" })).toBeTruthy();
  expect(pane.store.readConsole()).toMatchObject([{ level: "error", text: "RangeError: no", at: AT, count: 2 }]);
});

test("Claude is shown the app and the end of its console, as long as there is an app", async () => {
  const pane = open();
  expect(pane.store.isOpen()).toBe(false);
  expect(await pane.store.photograph()).toBeNull();
  await pane.running();
  act(() => {
    for (let line = 1; line <= 30; line += 1) {
      pane.preview().tells.onConsole({ level: "log", text: `line ${line} ${"x".repeat(600)}`, at: AT });
    }
    pane.preview().tells.onProblem({ kind: "syntax", message: "A bracket is missing" });
  });

  expect(pane.store.isOpen()).toBe(true);
  const seen = await pane.store.photograph();
  expect(await seen?.picture.text()).toBe(PAGE);
  expect(seen?.console).toHaveLength(20);
  expect(seen?.console[0]).toMatch(/^log: line 12 x+ \(/);
  expect(seen?.console[0]?.length).toBeLessThan(560);
  expect(seen?.console.at(-1)).toBe("error: A bracket is missing");

  pane.unmount();
  expect(pane.store.isOpen()).toBe(false);
});

test("an error that Claude leaves goes back to it by itself, where that is switched on", async () => {
  const pane = open(undefined, { working: true });
  await pane.running();
  act(() => pane.store.setAutoFix(true));
  act(() => pane.preview().tells.onProblem(RENDER));
  expect(pane.onAskClaude).not.toHaveBeenCalled();

  pane.again({ working: false });
  await waitFor(() => expect(pane.onAskClaude).toHaveBeenCalledOnce());
  expect(pane.onAskClaude).toHaveBeenCalledWith(expect.stringContaining("TypeError: x is undefined"), true);
});

test("an element that is picked goes to the next message with its component, place and words", async () => {
  const pane = open();
  await pane.running();
  const select = screen.getByRole("button", { name: "Select an element" });

  await userEvent.click(select);
  expect(select.getAttribute("aria-pressed")).toBe("true");
  expect(pane.preview().picking).toBe(true);
  await userEvent.keyboard("{Escape}");
  expect(select.getAttribute("aria-pressed")).toBe("false");
  expect(pane.preview().picking).toBe(false);

  await userEvent.click(select);
  act(() => pane.preview().tells.onPicked({ component: "TodoItem", text: " Buy\n milk ", at: AT }));
  expect(select.getAttribute("aria-pressed")).toBe("false");
  expect(pane.onPick).toHaveBeenCalledWith({
    kind: "element",
    label: "TodoItem",
    path: "src/TodoList.tsx",
    line: 12,
    text: "Buy milk",
  });
});

test("what is chosen is remembered: an open console, and that errors are fixed automatically", async () => {
  const first = open();
  await first.running();
  await press("Console");
  await press("More for the preview");
  await userEvent.click(await screen.findByRole("menuitemcheckbox", { name: /Fix errors automatically/ }));
  first.unmount();

  const second = open();
  await second.running();
  expect(screen.getByRole("log")).toBeTruthy();
  expect(second.store.view.getState().autoFix).toBe(true);
});
