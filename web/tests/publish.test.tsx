import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ComponentProps, useState } from "react";
import { afterEach, beforeEach, expect, test } from "vitest";
import PublishDialog, { type PublishState, type PublishTab } from "../src/publish/PublishDialog";
import { serve } from "./standin.mjs";
import { startedStore } from "./store";

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

type Given = Omit<ComponentProps<typeof PublishDialog>, "onTab">;

/** The dialog, opened, with a button that opens it again. */
function WithButton(given: Given) {
  const [tab, setTab] = useState(given.tab);
  return (
    <>
      <button type="button" onClick={() => setTab(given.tab)}>
        Open
      </button>
      <PublishDialog {...given} tab={tab} onTab={setTab} />
    </>
  );
}

async function open(tab: PublishTab) {
  const { app, api, files } = await startedStore(server);
  server.write(app, "src/App.tsx", "one\n");
  await files.refresh();
  const places: unknown[][] = [];
  const asked: string[] = [];
  const states: PublishState[] = [];
  render(
    <WithButton
      api={api}
      appId="demo-app"
      files={files}
      tab={tab}
      working={false}
      onState={(state) => states.push(state)}
      onOpenFile={(...place) => places.push(place)}
      onAskClaude={(text) => asked.push(text)}
    />,
  );
  const state = server.publishing.of("demo-app");
  return { app, files, places, asked, states, state };
}

const button = (name: string | RegExp) => screen.findByRole("button", { name });
const click = async (name: string | RegExp) => userEvent.click(await button(name));

test("an app is published, and what changed since is said until it is published too", async () => {
  const { app, files } = await open("site");
  expect(await screen.findByRole("heading", { name: "Not published" })).toBeTruthy();

  await click("Publish");

  const link = await screen.findByRole<HTMLAnchorElement>("link", { name: /^http/ });
  expect(link.href).toBe("http://127.0.0.1:3999/demo-app/");
  expect(link.rel).toContain("noopener");
  expect(screen.getByText("Version 1 is live.")).toBeTruthy();
  expect(screen.getByText("This is the app as it is now.")).toBeTruthy();
  server.write(app, "src/App.tsx", "two\n");
  await files.refresh();
  await screen.findByText(/has changed since/);
  await click("Publish the changes");
  expect(await screen.findByText("Version 2 is live.")).toBeTruthy();
});

test("an earlier version is made live, and that can be undone", async () => {
  const { state } = await open("site");
  await click("Publish");
  await click("Publish again");
  await screen.findByText("Version 2 is live.");

  await click("Make live version 1");
  await screen.findByText("Version 1 is live.");
  expect(state.live).toBe(1);
  await click("Undo");

  await screen.findByText("Version 2 is live.");
  expect(state.live).toBe(2);
});

test("what keeps the app from being built is a list that opens its lines, and Claude can be asked to fix it", async () => {
  const { state, places, asked } = await open("site");
  state.problems = [{ path: "src/App.tsx", line: 2, column: 4, code: "TS1005", message: "';' expected." }];

  await click("Publish");
  const list = await screen.findByRole("list", { name: "Why the app cannot be built" });
  expect(screen.getByText("The app cannot be built: 1 error.")).toBeTruthy();
  await userEvent.click(within(list).getByRole("button"));
  expect(places).toEqual([["src/App.tsx", 2, 4]]);
  expect(screen.queryByRole("dialog")).toBeNull();

  await click("Open");
  await click("Fix with Claude");
  expect(asked[0]).toContain("src/App.tsx:2:4 TS1005");
});

test("closing the dialog ends nothing: what was published meanwhile is there when it is opened again", async () => {
  const { state, states } = await open("site");
  let go = () => {};
  state.hold = new Promise<void>((resolve) => {
    go = resolve;
  });
  await click("Publish");
  expect((await button("Publishing")).getAttribute("aria-disabled")).toBe("true");

  await click("Close");
  expect(states.at(-1)).toBe("busy");
  go();
  await waitFor(() => expect(states.at(-1)).toBe("live"));
  await click("Open");

  expect(await screen.findByText("Version 1 is live.")).toBeTruthy();
});

test("search engines are kept away until the vendor lets them in", async () => {
  const { state } = await open("site");
  await click("Publish");
  const listed = await screen.findByRole("switch", { name: /Let search engines list it/ });
  expect(listed.getAttribute("aria-checked")).toBe("false");

  await userEvent.click(listed);

  await waitFor(() => expect(listed.getAttribute("aria-checked")).toBe("true"));
  expect(state.indexed).toBe(true);
});

test("taking the app down is asked about first", async () => {
  const { state } = await open("site");
  await click("Publish");
  await click("Take down");
  const question = await screen.findByRole("dialog", { name: "Take the app down?" });
  expect(state.live).toBe(1);

  await userEvent.click(within(question).getByRole("button", { name: "Take down" }));

  expect(await screen.findByText("The app is no longer published.")).toBeTruthy();
  expect(state.live).toBeNull();
  expect(await button("Make live version 1")).toBeTruthy();
});

test("what Claude may do by itself is chosen, and taken back where the server does not take it", async () => {
  const { state } = await open("site");
  const choice = within(await screen.findByRole("group", { name: "Claude may publish this app" }));
  await waitFor(() => expect(choice.getByRole<HTMLInputElement>("radio", { name: "Ask me first" }).checked).toBe(true));

  await userEvent.click(choice.getByRole("radio", { name: "Never" }));
  await waitFor(() => expect(state.policy).toEqual({ publish: "deny", push: "ask" }));
  await server.close();
  await userEvent.click(choice.getByRole("radio", { name: "Always" }));

  expect(await choice.findByRole("alert")).toBeTruthy();
  expect(choice.getByRole<HTMLInputElement>("radio", { name: "Never" }).checked).toBe(true);
});

test("a repository is connected with a token that is never shown, and the app is pushed to it", async () => {
  const { state } = await open("git");
  const token = await screen.findByLabelText<HTMLInputElement>("Access token");
  expect([token.type, token.autocomplete]).toEqual(["password", "off"]);
  await userEvent.type(screen.getByLabelText("Repository"), "https://github.com/me/app");
  await userEvent.type(token, "github_pat_1");

  await click("Connect");

  await screen.findByText("https://github.com/me/app");
  expect(state.token).toBe("github_pat_1");
  expect(document.body.innerHTML).not.toContain("github_pat_1");
  state.push.skipped = [".env"];
  await click("Push");
  expect((await screen.findByText(/Pushed to main/)).textContent).toContain("0123456");
  expect(within(screen.getByRole("region", { name: "Files left out" })).getByText(".env")).toBeTruthy();
  expect(screen.getByText(/last push just now/)).toBeTruthy();
});

test.each([
  ["merged", /They were merged/],
  ["up_to_date", /has everything already/],
  ["branch", /was pushed to the branch ai-code\/1/],
] as const)("a push that ends as %s says so", async (result, words) => {
  const { state } = await open("git");
  state.remote = { url: "https://github.com/me/app", branch: "main" };
  state.push = { ...state.push, result, branch: result === "branch" ? "ai-code/1" : "main" };
  await click("Close");
  await click("Open");

  await click("Push");

  expect(await screen.findByText(words)).toBeTruthy();
});

test("what the host minds is said in its own words, and what was typed stays over closing", async () => {
  const { state } = await open("git");
  await userEvent.type(await screen.findByLabelText("Repository"), "https://github.com/me/app");
  await click("Close");
  await click("Open");
  expect(screen.getByLabelText<HTMLInputElement>("Repository").value).toBe("https://github.com/me/app");
  await userEvent.type(screen.getByLabelText("Access token"), "t");
  state.problem = "github.com says: 401 Unauthorized";
  await click("Connect");
  expect((await screen.findByRole("alert")).textContent).toBe("github.com says: 401 Unauthorized");
  state.push.refused = "Write access to repository not granted.";

  await click("Push");

  await waitFor(() => expect(screen.getByRole("alert").textContent).toBe("Write access to repository not granted."));
  await click("Disconnect");
  await userEvent.click(within(await screen.findByRole("dialog", { name: /^Disconnect/ })).getByText("Disconnect"));
  await screen.findByLabelText("Repository");
  expect(state.remote).toBeNull();
});

test("the history can be taken along as a bundle and as a ZIP", async () => {
  await open("git");

  const links = [
    await screen.findByRole<HTMLAnchorElement>("link", { name: "Git bundle" }),
    screen.getByRole<HTMLAnchorElement>("link", { name: "ZIP" }),
  ];
  expect(links.map((link) => new URL(link.href).pathname)).toEqual([
    "/api/vendor/apps/demo-app/export.bundle",
    "/api/vendor/apps/demo-app/export.zip",
  ]);
});
