import type { Reference } from "./references";

/** What other parts of the page have for the chat. */
export type Delivery =
  | { kind: "attach"; reference: Reference }
  | { kind: "send"; text: string }
  | { kind: "focus" }
  | { kind: "stop" };

export interface ChatInbox {
  /** Puts a chip into the message box. */
  attach(reference: Reference): void;
  /** Sends a message of its own; what is in the message box stays there. */
  send(text: string): void;
  /** Puts the focus into the message box. */
  focus(): void;
  /** Stops the running turn. */
  stop(): void;
  /** Receives all deliveries, those before the first call too; gives the way to end that. */
  receive(take: (delivery: Delivery) => void): () => void;
}

/** The way into a chat for the parts around it, which need not know whether it is there yet. */
export function createChatInbox(): ChatInbox {
  let taker: ((delivery: Delivery) => void) | null = null;
  let kept: Delivery[] = [];
  const deliver = (delivery: Delivery) => {
    if (taker) taker(delivery);
    else kept.push(delivery);
  };
  return {
    attach: (reference) => deliver({ kind: "attach", reference }),
    send: (text) => deliver({ kind: "send", text }),
    focus: () => deliver({ kind: "focus" }),
    stop: () => deliver({ kind: "stop" }),
    receive(take) {
      taker = take;
      for (const delivery of kept) take(delivery);
      kept = [];
      return () => {
        if (taker === take) taker = null;
      };
    },
  };
}
