import { createContext } from "react";
import type { ApprovalAnswer } from "../../api/types";

/** What the requests of Claude in a conversation need to know of it. */
export interface Requests {
  /** The chat waits for the vendor; else nothing can be answered. */
  isWaiting: boolean;
  /** What was answered, by the ids of the requests. */
  answers: Readonly<Record<string, ApprovalAnswer>>;
  /** Throws an ApiError. */
  answer(requestId: string, given: ApprovalAnswer): Promise<void>;
}

export const RequestsContext = createContext<Requests>({
  isWaiting: false,
  answers: {},
  answer: async () => undefined,
});
