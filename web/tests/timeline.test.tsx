import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCheckpointsStore } from "../src/files/checkpoints";
import { Timeline } from "../src/files/Timeline";
import { parseDiff, sideBySide } from "../src/files/unifiedDiff";
import { serve } from "./standin.mjs";
import { startedStore } from "./store";

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

async function timeline() {
  const { app, api, files } = await startedStore(server);
  server.write(app, "a.ts", "one\n");
  server.write(app, "a.ts", "two\n", { author: "ai", message: "Say two", turnId: 1, sessionId: "s1" });
  server.write(app, "b.ts", "new\n", { author: "ai", message: "Say two", turnId: 1, sessionId: "s1" });
  const checkpoints = createCheckpointsStore({ api, appId: "demo-app", onRestored: () => void files.refresh() });
  const opened: string[] = [];
  render(<Timeline checkpoints={checkpoints} revision={3} onOpenFile={(path) => opened.push(path)} />);
  return { app, checkpoints, opened };
}

test("each version says who made it, with which words, and how much it changed", async () => {
  await timeline();

  const items = await screen.findAllByRole("listitem");
  const versions = items.filter((item) => within(item).queryByText(/^(You|Claude)$/));
  expect(versions.map((item) => item.textContent)).toEqual([
    expect.stringMatching(/^Say twoClaudejust now2 files.*current$/),
    expect.stringMatching(/^Save a\.tsYoujust now1 file/),
  ]);
});

test("the newest version is shown with its changed lines, and each file can be opened", async () => {
  const { opened } = await timeline();

  const lines = await screen.findByRole("region", { name: "Changed lines of a.ts" });
  expect(lines.textContent).toContain("- one");
  expect(lines.textContent).toContain("+ two");
  await userEvent.click(screen.getAllByRole("button", { name: "Open file" })[0]!);
  expect(opened).toEqual(["a.ts"]);
});

test("restoring says what it will change, does it, and can be undone", async () => {
  const { app } = await timeline();
  await userEvent.click(await screen.findByRole("button", { name: /Save a\.ts/ }));
  await userEvent.click(await screen.findByRole("button", { name: "Restore this version" }));
  const dialog = await screen.findByRole("dialog", { name: "Restore this version?" });
  await within(dialog).findByText(/2 files are brought back/);
  expect(app.files.get("a.ts").content).toBe("two\n");

  await userEvent.click(within(dialog).getByRole("button", { name: "Restore" }));

  await waitFor(() => expect([...app.files.keys()]).toEqual(["a.ts"]));
  expect(app.files.get("a.ts").content).toBe("one\n");
  await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(app.files.get("a.ts").content).toBe("two\n"));
  expect(app.files.get("b.ts").content).toBe("new\n");
});

test("earlier versions come page by page", async () => {
  const { app, checkpoints } = await timeline();
  for (let index = 0; index < 210; index += 1) server.write(app, "a.ts", `${index}\n`);
  await checkpoints.load();
  expect(checkpoints.view.getState().checkpoints).toHaveLength(200);

  await userEvent.click(await screen.findByRole("button", { name: "Show earlier versions" }));

  await waitFor(() => expect(checkpoints.view.getState().checkpoints).toHaveLength(212));
  expect(screen.queryByRole("button", { name: "Show earlier versions" })).toBeNull();
  server.write(app, "a.ts", "last\n");
  await checkpoints.load();
  expect(checkpoints.view.getState().checkpoints).toHaveLength(213);
});

test("a diff is read into hunks with the line numbers of both versions", () => {
  const hunks = parseDiff(
    "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n@@ -10 +10,2 @@ function f() {\n--- old\n+++ new\n+more\n\\ No newline at end of file\n",
  );

  expect(hunks).toEqual([
    [
      { kind: "same", text: "a", before: 1, after: 1 },
      { kind: "removed", text: "b", before: 2 },
      { kind: "added", text: "B", after: 2 },
      { kind: "same", text: "c", before: 3, after: 3 },
    ],
    [
      { kind: "removed", text: "-- old", before: 10 },
      { kind: "added", text: "++ new", after: 10 },
      { kind: "added", text: "more", after: 11 },
    ],
  ]);
  expect(sideBySide(hunks[1]!).map(({ left, right }) => [left?.text ?? null, right?.text ?? null])).toEqual([
    ["-- old", "++ new"],
    [null, "more"],
  ]);
});
