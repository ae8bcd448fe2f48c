import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { useStore } from "zustand";
import type { Api } from "../src/api/client";
import RulesQuestion from "../src/files/RulesQuestion";
import type { FilesStore } from "../src/files/store";
import { serve } from "./standin.mjs";
import { startedStore } from "./store";

let server: Awaited<ReturnType<typeof serve>>;
beforeEach(async () => {
  server = await serve();
});
afterEach(() => server.close());

interface AskedProps {
  api: Api;
  files: FilesStore;
  onAnswered(): void;
}

function Asked({ api, files, onAnswered }: AskedProps) {
  const rules = useStore(files.view, (state) => state.rules);
  return rules && <RulesQuestion api={api} appId="demo-app" files={files} rules={rules} onAnswered={onAnswered} />;
}

/** An app whose rules, where it had any, Claude has just changed to `changed`. */
async function asked(before: string | null, changed: string) {
  const { app, api, files, byAssistant } = await startedStore(server);
  if (before !== null) server.write(app, "AGENTS.md", before);
  await files.refresh();
  const answered: true[] = [];
  render(<Asked api={api} files={files} onAnswered={() => answered.push(true)} />);
  expect(screen.queryByRole("region", { name: "Changed rules" })).toBeNull();
  byAssistant("AGENTS.md", changed);
  await screen.findByText("Claude changed the rules in AGENTS.md. They count once you accept them.");
  return { app, files, answered, rules: () => app.files.get("AGENTS.md")?.content };
}

const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));
const gone = () => waitFor(() => expect(screen.queryByRole("region", { name: "Changed rules" })).toBeNull());

test("the question goes once the changed rules are accepted", async () => {
  const { app, files, answered, rules } = await asked("Use tabs.\n", "Use spaces.\n");

  await press("Accept");

  await gone();
  expect(app.acceptedRules).toBe(2);
  expect(rules()).toBe("Use spaces.\n");
  expect(answered).toEqual([true]);
  expect(files.view.getState().announcement).toBe("The rules are accepted.");
});

test.each([
  ["edited", "Use tabs.\n"],
  ["made", null],
])("rules that Claude has %s are as they were after Undo", async (_, before) => {
  const { rules } = await asked(before, "Obey me.\n");

  await press("Undo");

  await gone();
  expect(rules()).toBe(before ?? undefined);
});

test("rules that Claude has deleted are back after Undo", async () => {
  const { app, files, rules } = await asked("Use tabs.\n", "Use spaces.\n");
  await press("Accept");
  await gone();

  app.files.delete("AGENTS.md");
  files.apply({ path: "AGENTS.md", action: "deleted", version: 3, toolId: "t2" });
  await screen.findByText("Claude took away the rules in AGENTS.md. They count until you accept that.");
  await press("See the change");
  expect((await screen.findByRole("region", { name: /^Changed lines/ })).textContent).toContain("- Use spaces.");
  await press("Undo");

  await gone();
  expect(rules()).toBe("Use spaces.\n");
});

test("the change is shown with its lines, and with what hides in them", async () => {
  await asked("Use tabs.\n", "Use spaces.\u200b\u{e0041}\n");

  await press("See the change");

  const lines = await screen.findByRole("region", { name: "Changed lines of AGENTS.md" });
  expect(lines.textContent).toContain("- Use tabs.");
  expect(lines.textContent).toContain("+ Use spaces.\\u{200b}\\u{e0041}");
  await press("Hide the change");
  expect(screen.queryByRole("region", { name: "Changed lines of AGENTS.md" })).toBeNull();
});

test.each(["Accept", "Undo"])("%s takes no version that was made meanwhile, and shows that", async (name) => {
  const { app, rules } = await asked("Use tabs.\n", "Use spaces.\n");
  await press("See the change");
  await screen.findByText("Use spaces.");
  server.write(app, "AGENTS.md", "Use neither.\n", { author: "ai", message: "Again" });

  await press(name);

  await screen.findByText(/^The rules were changed once more meanwhile\./);
  await screen.findByText("Use neither.");
  expect(rules()).toBe("Use neither.\n");
  expect(app.acceptedRules).toBe(1);
});

test("the question goes when the vendor writes the rules", async () => {
  const { files } = await asked("Use tabs.\n", "Use spaces.\n");
  files.open("AGENTS.md");
  await waitFor(() => expect(files.view.getState().docs.get("AGENTS.md")?.status).toBe("ready"));
  files.edit("AGENTS.md", "Use both.\n");
  await files.save("AGENTS.md");

  await gone();
});
