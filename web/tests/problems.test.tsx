import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { App } from "../src/App";
import { createApi, DEFAULT_CONFIG } from "../src/api/client";
import type { Problem } from "../src/api/types";
import { createPreviewStore } from "../src/preview/store";
import { fixRequest } from "../src/problems/fixRequest";
import ProblemsPane from "../src/problems/ProblemsPane";
import { createProblemsStore } from "../src/problems/store";
import { codePoints } from "../src/ui/format";
import { storage } from "../src/ui/storage";
import { serve } from "./standin.mjs";
import { startedStore } from "./store";
import { DESKTOP, setViewport } from "./viewport";

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
  window.history.replaceState(null, "", "/");
  setViewport(DESKTOP);
});
afterEach(() => server.close());

const WRONG: Problem = {
  path: "src/App.tsx",
  line: 3,
  column: 7,
  code: "TS2322",
  message: "Type 'string' is not assignable to type 'number'.",
  known: false,
};
const OLD: Problem = { ...WRONG, path: "src/a.ts", line: 1, column: 1, code: "TS2304", message: "Old.", known: true };

async function pane() {
  const { app, api, files, opened } = await startedStore(server);
  const problems = createProblemsStore({ api, appId: "demo-app", save: files.saveAll });
  const preview = createPreviewStore({ memory: storage });
  const places: unknown[][] = [];
  const asked: string[] = [];
  render(
    <ProblemsPane
      problems={problems}
      files={files}
      preview={preview}
      onOpenFile={(...place) => places.push(place)}
      onAskClaude={(text) => asked.push(text)}
    />,
  );
  return { app, files, opened, preview, problems, places, asked, state: server.publishing.of("demo-app") };
}

test("opening the list checks the app once, and from then on it is checked when asked", async () => {
  const { app, files, state } = await pane();
  expect(await screen.findByText("No problems")).toBeTruthy();
  server.write(app, "src/App.tsx", "const n: number = 'one';\n");
  state.problems = [WRONG];
  await files.refresh();

  expect(await screen.findByText("The app has changed since this check.")).toBeTruthy();
  expect(state.checks).toBe(1);
  await userEvent.click(screen.getByRole("button", { name: "Check again" }));

  expect(await screen.findByText("1 problem")).toBeTruthy();
  expect(screen.queryByText("The app has changed since this check.")).toBeNull();
  expect(state.checks).toBe(2);
});

test("a problem opens its line by a click or by the keyboard, and old ones come last and are called so", async () => {
  server.publishing.of("demo-app").problems = [OLD, WRONG];
  const { places } = await pane();

  const list = await screen.findByRole("list", { name: "Problems that the check found" });
  const [first, second] = within(list).getAllByRole("button");
  expect(first!.textContent).toContain("src/App.tsx:3:7TS2322");
  expect(second!.textContent).toContain("was there before");
  await userEvent.click(first!);
  await userEvent.keyboard("{ArrowDown}{Enter}");

  expect(places).toEqual([
    ["src/App.tsx", 3, 7],
    ["src/a.ts", 1, 1],
  ]);
});

test("what is not saved is saved before the check, which would not see it else", async () => {
  server.write(server.apps.get("demo-app")!, "a.ts", "one");
  const { app, files, opened } = await pane();
  await screen.findByText("No problems");
  await opened("a.ts");
  files.edit("a.ts", "two");
  await screen.findByText("The app has changed since this check.");

  await userEvent.click(screen.getByRole("button", { name: "Check again" }));

  await waitFor(() => expect(app.files.get("a.ts").content).toBe("two"));
});

test("Claude is told of all that was found, and what fails in the preview stands in the same list", async () => {
  server.publishing.of("demo-app").problems = [WRONG, OLD];
  const { asked, preview } = await pane();
  await screen.findByText("2 problems, 1 was there before");
  preview.listener.onProblem({ kind: "event", message: "x is undefined" });

  const running = await screen.findByRole("region", { name: "Problem in the running app" });
  await userEvent.click(within(running).getByRole("button", { name: "Fix with Claude" }));
  await userEvent.click(screen.getAllByRole("button", { name: "Fix with Claude" })[0]!);

  expect(asked[0]).toContain("x is undefined");
  expect(asked[1]).toContain("src/App.tsx:3:7 TS2322 Type 'string' is not assignable to type 'number'.");
  expect(asked[1]).toContain("src/a.ts:1:1 TS2304 Old.");
});

test("whatever a check finds, the request to fix it is shorter than a message may be", () => {
  const message = fixRequest(Array.from({ length: 500 }, () => ({ ...WRONG, message: "😀\n```".repeat(500) })));

  expect(codePoints(message)).toBeLessThan(10_000);
  expect(message).toContain("There are 470 more");
});

test("of two checks the one of the later revision counts, whatever this machine's clock says", async () => {
  const { problems } = await pane();
  await screen.findByText("No problems");
  const check = { ok: false, errors: [WRONG], durationMs: 1, at: 0 };
  problems.take({ ...check, revision: -1 });
  expect(screen.getByText("No problems")).toBeTruthy();

  problems.take({ ...check, revision: 1000 });

  expect(await screen.findByText("1 problem")).toBeTruthy();
});

test("a check that cannot be made says why, and can be tried again", async () => {
  await pane();
  await screen.findByText("No problems");
  await server.close();

  await userEvent.click(screen.getByRole("button", { name: "Check again" }));

  expect((await screen.findByRole("alert")).textContent).toBe("The server cannot be reached.");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Check again" }).disabled).toBe(false);
});

test("an answer says what its check found, and leads to the list; a reload finds both again", async () => {
  server.publishing.of("demo-app").found = [WRONG, OLD];
  const api = createApi(DEFAULT_CONFIG, (path, init) => fetch(`${server.url}${String(path)}`, init));
  const page = render(<App api={api} config={DEFAULT_CONFIG} />);
  await userEvent.click(await screen.findByRole("textbox", { name: "Message" }));
  await userEvent.paste("Create a todo app");
  await userEvent.keyboard("{Enter}");
  // A whole turn, on a machine that may be busy.
  await screen.findByRole("button", { name: "Checked: 2 problems, 1 was there before" }, { timeout: 60_000 });
  expect(screen.getByRole("button", { name: "Problems 2 problems" })).toBeTruthy();
  page.unmount();

  render(<App api={api} config={DEFAULT_CONFIG} />);
  await userEvent.click(await screen.findByRole("button", { name: "Checked: 2 problems, 1 was there before" }));

  const list = await screen.findByRole("list", { name: "Problems that the check found" });
  expect(within(list).getAllByRole("button")).toHaveLength(2);
  expect(server.publishing.of("demo-app").checks).toBe(0);
}, 90_000);
