import { useContext, useState } from "react";
import { asApiError } from "../../api/errors";
import type { ApprovalAnswer } from "../../api/types";
import { RequestsContext } from "./context";

/** Sends the answer to one request: once at a time, and with what went wrong. */
export function useAnswer(requestId: string) {
  const { answer } = useContext(RequestsContext);
  const [sending, setSending] = useState<ApprovalAnswer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const give = async (given: ApprovalAnswer) => {
    if (sending) return;
    setSending(given);
    setProblem(null);
    try {
      await answer(requestId, given);
    } catch (reason) {
      setProblem(asApiError(reason).message);
    }
    setSending(null);
  };
  return { sending, problem, give, refuse: setProblem };
}
