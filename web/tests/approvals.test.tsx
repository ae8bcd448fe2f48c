/** The cards with which Claude asks, as a vendor has them before them. */
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { ApiError } from "../src/api/errors";
import type { ApprovalAnswer } from "../src/api/types";
import type { ChatMessage, Request } from "../src/chat/model";
import { RequestsContext } from "../src/chat/requests/context";
import RequestPart from "../src/chat/requests/RequestPart";

afterEach(cleanup);

const publish: Request = {
  kind: "approval",
  id: "p1",
  toolId: "c1",
  toolName: "publish_app",
  summary: "Publish revision 3",
  input: { revision: 3 },
};
const question: Request = {
  kind: "question",
  id: "q1",
  questions: [
    { question: "Who may see it?", options: [{ label: "Everybody", description: "No sign-in" }, { label: "Only me" }] },
    { question: "What has a todo?", options: [{ label: "A date" }, { label: "A note" }], multiple: true },
  ],
};

interface Given {
  status?: ChatMessage["status"];
  isWaiting?: boolean;
  answers?: Record<string, ApprovalAnswer>;
  answer?(id: string, given: ApprovalAnswer): Promise<void>;
}

/** The request in an answer; what is sent for it ends up in the list that this gives. */
function show(request: Request, given: Given = {}) {
  const sent: ApprovalAnswer[] = [];
  const answer = given.answer ?? (async (_: string, what: ApprovalAnswer) => void sent.push(what));
  const message: ChatMessage = {
    id: "answer-1",
    turnId: 1,
    role: "assistant",
    parts: [],
    content: "",
    status: given.status ?? "waiting",
    createdAt: 1,
    fileChanges: [],
  };
  const at = (more: Given) => (
    <section aria-label="Chat">
      <textarea aria-label="Message" />
      <RequestsContext value={{ isWaiting: more.isWaiting ?? true, answers: more.answers ?? {}, answer }}>
        <RequestPart request={request} message={message} />
      </RequestsContext>
    </section>
  );
  const view = render(at(given));
  return { sent, again: (more: Given) => view.rerender(at(more)) };
}

const button = (name: string) => screen.getByRole("button", { name });

test("a call that asks says what will happen and what it was given, and is allowed by its button", async () => {
  const { sent } = show(publish);
  const card = screen.getByRole("region", { name: "Claude asks to publish the app" });
  expect(within(card).getByText("Publish revision 3")).toBeTruthy();
  expect(within(card).getByText("revision").nextSibling?.textContent).toBe("3");

  await userEvent.click(button("Allow"));

  expect(sent).toEqual([{ approved: true }]);
});

test.each([
  ["always in this chat", "session"],
  ["always for this app", "app"],
])("it can be allowed %s", async (choice, remember) => {
  const { sent } = show(publish);

  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Allow it" }), choice);
  await userEvent.click(button("Allow"));

  expect(sent).toEqual([{ approved: true, remember }]);
});

test("it is refused in a second step, with a reason for Claude where one is given", async () => {
  const { sent } = show(publish);

  await userEvent.click(button("Don't allow"));
  expect(document.activeElement).toBe(screen.getByRole("textbox", { name: /What Claude should know/ }));
  await userEvent.keyboard("Not before Monday{Enter}");

  expect(sent).toEqual([{ approved: false, reason: "Not before Monday" }]);
});

test("Esc leaves the refusal for the choice, and neither Enter nor Esc decides anything on the card", async () => {
  const { sent } = show(publish);
  expect(document.activeElement?.contains(screen.getByRole("region", { name: /Claude asks/ }))).toBe(true);

  await userEvent.keyboard("{Enter}{Escape}");
  await userEvent.click(button("Don't allow"));
  await userEvent.keyboard("{Escape}");

  await waitFor(() => expect(document.activeElement).toBe(button("Don't allow")));
  expect(sent).toEqual([]);
});

test("a card does not take the focus from somebody who types", async () => {
  const { again } = show(publish, { isWaiting: false });
  const box = screen.getByRole("textbox", { name: "Message" });
  await userEvent.type(box, "And now");

  again({ isWaiting: true });

  expect(screen.getByRole("region", { name: /Claude asks/ })).toBeTruthy();
  expect(document.activeElement).toBe(box);
});

test("while an answer is on its way nothing else can be chosen", async () => {
  let calls = 0;
  let arrive = () => {};
  show(publish, {
    answer: () => {
      calls += 1;
      return new Promise((resolve) => {
        arrive = resolve;
      });
    },
  });

  await userEvent.click(button("Allow"));
  await userEvent.click(button("Sending"));

  expect(calls).toBe(1);
  expect(button("Don't allow").hasAttribute("disabled")).toBe(true);
  arrive();
  await screen.findByRole("button", { name: "Allow" });
});

test("an answer that did not arrive says why, and can be given again", async () => {
  show(publish, { answer: () => Promise.reject(new ApiError(0, "network")) });

  await userEvent.click(button("Allow"));

  expect((await screen.findByRole("alert")).textContent).toBe("The server cannot be reached.");
  expect(button("Allow").getAttribute("aria-disabled")).toBe("false");
});

test("what was answered is a line from then on, and has the focus that the card had", async () => {
  const { again } = show(publish);
  button("Allow").focus();

  again({ answers: { p1: { approved: true } } });

  expect(screen.queryByRole("button")).toBeNull();
  expect(document.activeElement?.textContent).toBe("You allowed: Publish revision 3");
});

test.each<[string, Given, string]>([
  [
    "refused",
    { answers: { p1: { approved: false, reason: "Not yet" } } },
    "You did not allow: Publish revision 3 (Not yet)",
  ],
  ["stopped", { status: "cancelled" }, "Not allowed: Publish revision 3"],
  ["being sent a new message", { isWaiting: false }, "Claude asked: Publish revision 3"],
])("a request that was %s says so", (_, given, line) => {
  show(publish, given);
  expect(screen.getByText(line)).toBeTruthy();
});

test("a question is answered by keyboard alone, one choice or several as it asks for", async () => {
  const { sent } = show(question);
  await userEvent.tab();
  expect(document.activeElement).toBe(screen.getByRole("radio", { name: "Everybody" }));

  await userEvent.keyboard(" ");
  await userEvent.tab();
  await userEvent.keyboard(" ");
  await userEvent.tab();
  await userEvent.keyboard(" {Enter}");

  expect(sent).toEqual([{ approved: true, answers: [["Everybody"], ["A date", "A note"]] }]);
});

test("a question that is left open is asked for, and words of one's own do instead", async () => {
  const { sent } = show(question);

  await userEvent.click(button("Send answer"));
  expect(screen.getByRole("alert").textContent).toContain("Choose an answer to each question");
  await userEvent.type(screen.getByRole("textbox", { name: "Or in your own words" }), "Whoever has the link");
  await userEvent.click(button("Send answer"));

  expect(sent).toEqual([{ approved: true, reason: "Whoever has the link" }]);
});

test("a question can be skipped", async () => {
  const { sent, again } = show(question);
  await userEvent.click(button("Skip"));
  expect(sent).toEqual([{ approved: false }]);

  again({ answers: { q1: { approved: false } } });
  expect(screen.getByText("You gave no answer")).toBeTruthy();
});

test("the answer to a question stays to be read", () => {
  show(question, { answers: { q1: { approved: true, answers: [["Only me"], ["A date", "A note"]] } } });
  expect(screen.getByText("You answered: Who may see it? Only me · What has a todo? A date, A note")).toBeTruthy();
});
