import { expect, test } from "vitest";
import { createDraftStore } from "../src/chat/drafts";
import { newMemory } from "./chat";

/** A browser with a window per call: what one stores the others hear of, unless they sleep. */
function browser() {
  const memory = newMemory();
  type Listener = (key: string, before: string | null) => void;
  const windows: { listeners: Set<Listener>; asleep: boolean }[] = [];
  return (sessionId: string | null = null) => {
    const mine = { listeners: new Set<Listener>(), asleep: false };
    windows.push(mine);
    const store = (key: string, change: () => void) => {
      const before = memory.getItem(key);
      change();
      if (memory.getItem(key) === before) return;
      for (const other of windows) {
        if (other !== mine && !other.asleep) for (const listener of other.listeners) listener(key, before);
      }
    };
    const draft = createDraftStore({
      appId: "a1",
      memory: {
        getItem: memory.getItem,
        setItem: (key, value) => {
          store(key, () => memory.setItem(key, value));
          return true;
        },
        removeItem: (key) => store(key, () => memory.removeItem(key)),
      },
      onChangedElsewhere: (listener) => {
        mine.listeners.add(listener);
        return () => mine.listeners.delete(listener);
      },
    });
    draft.open(sessionId);
    draft.follow();
    return { draft, text: () => draft.view.getState().text, sleep: () => (mine.asleep = true) };
  };
}

test("each chat has its own draft, and a new chat too", () => {
  const { draft, text } = browser()();
  draft.write("for a new chat");
  draft.open("s1");
  expect(text()).toBe("");
  draft.write("for s1");

  draft.open(null);
  expect(text()).toBe("for a new chat");
  draft.open("s1");
  expect(text()).toBe("for s1");
});

test("a new chat that gets its session takes along what was typed meanwhile", () => {
  const open = browser();
  const { draft, text } = open();
  draft.write("and then");

  draft.adopt("s1");

  expect(text()).toBe("and then");
  expect(open("s1").text()).toBe("and then");
  expect(open(null).text()).toBe("");
});

test("a second window shows what is typed in the first, and loses it when it is sent", () => {
  const open = browser();
  const [first, second] = [open(), open()];

  first.draft.write("half a sen");
  expect(second.text()).toBe("half a sen");
  second.draft.write("half a sentence");
  expect(first.text()).toBe("half a sentence");
  first.draft.take();

  expect(second.text()).toBe("");
});

test("a window that slept while another wrote loses neither text", () => {
  const open = browser();
  const [first, second] = [open(), open()];
  second.sleep();
  first.draft.write("written meanwhile");

  second.draft.write("typed after waking");

  expect(second.text()).toBe("typed after waking\n\nwritten meanwhile");
});

test("an example fills an empty box, gives way to another, and never replaces what was typed", () => {
  const { draft, text } = browser()();
  draft.suggest("Add a dark mode");
  draft.suggest("Make it blue");
  expect(text()).toBe("Make it blue");

  draft.write("Make it blue, please");
  draft.suggest("Add a dark mode");

  expect(text()).toBe("Make it blue, please\n\nAdd a dark mode");
});

test("a message that could not be sent goes back into an empty box only, and keeps its id while unchanged", () => {
  const { draft, text } = browser()();
  expect(draft.giveBack({ id: "m1", text: "Hi" })).toBe(true);
  expect(text()).toBe("Hi");
  expect(draft.giveBack({ id: "m2", text: "other" })).toBe(false);
  expect(draft.take()).toMatchObject({ text: "Hi", id: "m1" });

  draft.giveBack({ id: "m1", text: "Hi" });
  draft.write("Hi there");

  expect(draft.take()).toMatchObject({ text: "Hi there", id: undefined });
});

test("chips are part of the draft, and what is stored by somebody else is not trusted", () => {
  const memory = newMemory();
  const opened = () => {
    const draft = createDraftStore({ appId: "a1", memory });
    draft.open(null);
    return draft.view.getState();
  };
  const draft = createDraftStore({ appId: "a1", memory });
  draft.open(null);
  draft.attach({ kind: "file", label: "a.ts", path: "a.ts" });
  expect(opened().references).toEqual([{ kind: "file", label: "a.ts", path: "a.ts" }]);

  for (const stored of ["{", "7", "null", '{"text":1,"references":[{"kind":"__proto__"},null]}']) {
    memory.setItem("draft:a1:new", stored);
    expect(opened()).toMatchObject({ text: "", references: [] });
  }
});

const upload = (uploadId: string) => ({ uploadId, name: "a.txt", mediaType: "text/plain", size: 1, sha256: "ab" });

test("a file whose upload ends after its chat was left is in that chat's draft", () => {
  const { draft } = browser()("s1");
  const { place } = draft.view.getState();
  draft.open("s2");
  draft.addUpload(upload("u1"), place, new Set());

  expect(draft.view.getState().attachments).toEqual([]);
  draft.open("s1");
  expect(draft.view.getState().attachments).toEqual([upload("u1")]);
});

test("a message that came back has its id again only with the same files", () => {
  const { draft } = browser()();
  const message = { id: "m1", text: "Build this", attachments: [upload("u1"), upload("u2")] };
  draft.giveBack(message);
  expect(draft.take().id).toBe("m1");

  draft.giveBack(message);
  draft.removeUpload("u1");
  expect(draft.take()).toMatchObject({ id: undefined, text: "Build this", attachments: [upload("u2")] });
});

test("two windows that upload into the same draft unseen keep both files", () => {
  const open = browser();
  const [one, other] = [open("s1"), open("s1")];
  one.sleep();
  other.draft.addUpload(upload("u1"), other.draft.view.getState().place, new Set());
  one.draft.addUpload(upload("u2"), one.draft.view.getState().place, new Set());

  expect(one.draft.view.getState().attachments.map(({ uploadId }) => uploadId)).toEqual(["u2", "u1"]);
});
