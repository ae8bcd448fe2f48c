import { Ban, Check, CircleHelp } from "lucide-react";
import type { ApprovalAnswer } from "../../api/types";
import type { ChatMessage, Request } from "../model";
import { outcomeOf } from "./words";

interface RequestLineProps {
  request: Extract<Request, { kind: "approval" | "question" }>;
  /** The answer, as far as this page knows it. */
  given: ApprovalAnswer | undefined;
  message: ChatMessage;
}

/** What became of a request that is not open any more. */
export function RequestLine({ request, given, message }: RequestLineProps) {
  const { isYes, text } = outcomeOf(request, given, message);
  const Icon = isYes === null ? CircleHelp : isYes ? Check : Ban;
  return (
    <p className="flex min-h-7 items-start gap-2 py-1 text-[13px] text-muted">
      <Icon size={14} aria-hidden className={`mt-0.5 shrink-0 ${isYes ? "text-accent" : ""}`} />
      <span dir="auto" className="min-w-0 wrap-anywhere">
        {text}
      </span>
    </p>
  );
}
