import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRef } from "react";
import { afterEach, expect, test } from "vitest";
import { createPictures } from "../src/attachments/pictures";
import { createTray } from "../src/attachments/tray";
import { Composer } from "../src/chat/Composer";
import { createDraftStore } from "../src/chat/drafts";
import { server } from "./chat";
import { setTouch } from "./viewport";

const FILES = ["src/App.tsx", "src/Cart.tsx", "docs/my notes.md", "src/lib/cartTotals.ts"];

function compose(text = "", given: { isProcessing?: boolean; lastPrompt?: string } = {}) {
  const sent: string[] = [];
  const draft = createDraftStore({ appId: "a1" });
  draft.open(null);
  if (text) draft.write(text);
  const { api } = server([]);
  const tray = createTray({ api, appId: "a1", draft, pictures: createPictures(api, "a1") });
  render(
    <Composer
      draft={draft}
      tray={tray}
      box={createRef()}
      files={FILES}
      isProcessing={given.isProcessing ?? false}
      isCancelling={false}
      lastPrompt={given.lastPrompt ?? ""}
      onSend={(message) => sent.push(message)}
      onCancel={() => undefined}
    />,
  );
  return { sent, draft, box: screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" }) };
}

afterEach(() => setTouch(false));

test("the composer counts code points and refuses more than the limit", async () => {
  const limit = "😀".repeat(10_000);
  const { sent, box } = compose(`${limit}😀`);

  await userEvent.type(box, "{Enter}");
  expect(screen.getByText(/1 characters too many/)).toBeTruthy();
  fireEvent.change(box, { target: { value: limit } });
  await userEvent.type(box, "{Enter}");

  expect(sent.map((text) => text === limit)).toEqual([true]);
});

test("an Enter that ends the writing of a character sends nothing", () => {
  const { sent, box } = compose("日本");

  fireEvent.keyDown(box, { key: "Enter", isComposing: true });
  fireEvent.keyDown(box, { key: "Enter", keyCode: 229 });
  expect(sent).toEqual([]);
  fireEvent.keyDown(box, { key: "Enter", keyCode: 13 });
  expect(sent).toEqual(["日本"]);
});

test("Shift+Enter starts a new line", async () => {
  const { sent, box } = compose();

  await userEvent.type(box, "a{Shift>}{Enter}{/Shift}b{Enter}");

  expect(sent).toEqual(["a\nb"]);
});

test("where one types on glass, Enter starts a new line and the button sends", async () => {
  setTouch(true);
  const { sent, box } = compose();

  await userEvent.type(box, "a{Enter}b");
  expect(sent).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Send" }));

  expect(sent).toEqual(["a\nb"]);
});

test("the last message can be had again with the Up key, in an empty box only", async () => {
  const { box } = compose("", { lastPrompt: "Make it blue" });

  await userEvent.type(box, "{ArrowUp}");
  expect(box.value).toBe("Make it blue");
  await userEvent.type(box, " and green{ArrowUp}");
  expect(box.value).toBe("Make it blue and green");
});

test("an @ offers the files, which the keyboard picks from", async () => {
  const { sent, box } = compose();

  await userEvent.type(box, "Look at @cart");
  const options = screen.getAllByRole("option");
  expect(options.map((option) => option.textContent)).toEqual(["src/Cart.tsx", "src/lib/cartTotals.ts"]);
  expect(box.getAttribute("aria-activedescendant")).toBe(options[0]?.id);
  await userEvent.type(box, "{ArrowDown}");
  expect(screen.getByRole("option", { selected: true }).textContent).toBe("src/lib/cartTotals.ts");
  await userEvent.type(box, "{Enter}");

  expect(box.value).toBe("Look at @src/lib/cartTotals.ts ");
  expect(screen.queryByRole("listbox")).toBeNull();
  await userEvent.type(box, "please{Enter}");
  expect(sent).toEqual(["Look at @src/lib/cartTotals.ts please"]);
});

test("a file with a space in its name is mentioned in quotes, and Esc closes the list only", async () => {
  const { box, sent } = compose("", { isProcessing: true });

  await userEvent.type(box, "@note");
  const key = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });
  fireEvent(box, key);
  expect(key.defaultPrevented).toBe(true);
  expect(screen.queryByRole("listbox")).toBeNull();
  await userEvent.type(box, "s{Tab}");

  expect(box.value).toBe('@"docs/my notes.md" ');
  expect(sent).toEqual([]);
});

test("an address with an @ offers nothing", async () => {
  const { box } = compose();

  await userEvent.type(box, "mail me@app");

  expect(screen.queryByRole("listbox")).toBeNull();
});

test("what is attached is part of the message, and can be taken off before", async () => {
  const { sent, draft, box } = compose();
  draft.attach({ kind: "file", label: "App.tsx", path: "src/App.tsx" });
  draft.attach({ kind: "file", label: "App.tsx", path: "src/App.tsx" });
  draft.attach({ kind: "element", label: "TodoItem", path: "src/TodoItem.tsx", line: 7, text: "Buy milk" });
  draft.attach({
    kind: "selection",
    label: "Cart.tsx",
    path: "src/Cart.tsx",
    line: 3,
    endLine: 4,
    text: "a ``` b\nc\n",
  });
  expect(await screen.findAllByRole("button", { name: /^Remove/ })).toHaveLength(3);

  await userEvent.click(screen.getByRole("button", { name: "Remove App.tsx" }));
  await userEvent.type(box, "Make this bigger{Enter}");

  expect(sent).toEqual([
    'Make this bigger\n\nElement of the running app: TodoItem in src/TodoItem.tsx, line 7, which shows "Buy milk"\n\n' +
      "Selected in src/Cart.tsx, lines 3 to 4:\n````tsx\na ``` b\nc\n````",
  ]);
  expect(screen.queryByRole("list", { name: "Attached" })).toBeNull();
});

test("while an answer is written, a message can be queued beside the Stop button", async () => {
  const { sent, box } = compose("", { isProcessing: true });
  expect(screen.queryByRole("button", { name: "Queue message" })).toBeNull();

  await userEvent.type(box, "And then this");
  expect(screen.getByRole("button", { name: "Stop" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Queue message" }));

  expect(sent).toEqual(["And then this"]);
});
