/** What was asked and answered, in words. */
import type { ApprovalAnswer } from "../../api/types";
import type { ChatMessage, Request } from "../model";

const WANTS = new Map([
  ["publish_app", "publish the app"],
  ["push_app", "push the app to git"],
]);

/** What a call of the tool does, behind "Claude asks to". */
export function wantsTo(toolName: string): string {
  return WANTS.get(toolName) ?? `use ${toolName.replaceAll("_", " ")}`;
}

type Asked = Extract<Request, { kind: "approval" | "question" }>;

export interface Outcome {
  /** Null where nobody here knows. */
  isYes: boolean | null;
  text: string;
}

/** What became of a request, by the answer if there is one: who stops the turn gives none. */
export function outcomeOf(request: Asked, given: ApprovalAnswer | undefined, message: ChatMessage): Outcome {
  return request.kind === "approval" ? ofApproval(request, given, message) : ofQuestion(request, given);
}

function ofApproval(
  { summary }: Extract<Request, { kind: "approval" }>,
  given: ApprovalAnswer | undefined,
  message: ChatMessage,
): Outcome {
  if (given) {
    const why = given.reason ? ` (${given.reason})` : "";
    return { isYes: given.approved, text: `${given.approved ? "You allowed" : "You did not allow"}: ${summary}${why}` };
  }
  if (message.status === "cancelled") return { isYes: false, text: `Not allowed: ${summary}` };
  return { isYes: null, text: `Claude asked: ${summary}` };
}

function ofQuestion({ questions }: Extract<Request, { kind: "question" }>, given: ApprovalAnswer | undefined): Outcome {
  if (!given) return { isYes: null, text: `Claude asked: ${questions.map(({ question }) => question).join(" ")}` };
  if (!given.approved) return { isYes: false, text: "You gave no answer" };
  const chosen = questions.map(({ question }, at) => `${question} ${(given.answers?.[at] ?? []).join(", ")}`);
  const said = given.answers ? `: ${chosen.join(" · ")}` : given.reason ? `: ${given.reason}` : "";
  return { isYes: true, text: `You answered${said}` };
}
