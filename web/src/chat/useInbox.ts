import { useEffect, useLayoutEffect, useRef } from "react";
import type { ChatInbox, Delivery } from "./inbox";

/** Takes what other parts of the page have for the chat, with the latest `take`. */
export function useInbox(inbox: ChatInbox | undefined, take: (delivery: Delivery) => void): void {
  const latest = useRef(take);
  useLayoutEffect(() => {
    latest.current = take;
  });
  useEffect(() => inbox?.receive((delivery) => latest.current(delivery)), [inbox]);
}
