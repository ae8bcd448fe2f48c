import { memo } from "react";
import { isSameList } from "../ui/isSameList";
import { Message, type MessageProps } from "./Message";
import type { ChatMessage } from "./model";

/** Turns whose messages are compared as one, so that a growing answer does not have every earlier message looked at. */
const TURNS = 12;

export interface Chunk {
  key: number;
  messages: ChatMessage[];
}

/** Messages in chunks that stay the same when others come before or behind them. */
export function chunksOf(messages: ChatMessage[]): Chunk[] {
  const chunks: Chunk[] = [];
  let turn = 0;
  let isAccepted = true;
  for (const message of messages) {
    // What is not accepted yet is about to be the next turn.
    turn = message.turnId ?? (isAccepted ? turn + 1 : turn);
    isAccepted = message.turnId !== undefined;
    const key = Math.floor(turn / TURNS);
    const chunk = chunks.at(-1);
    if (chunk?.key === key) chunk.messages.push(message);
    else chunks.push({ key, messages: [message] });
  }
  return chunks;
}

interface MessageChunkProps extends Omit<MessageProps, "message"> {
  messages: ChatMessage[];
}

/** Some messages in a row. Only the last of them may be written again. */
export const MessageChunk = memo(
  function MessageChunk({ messages, onRegenerate, ...rest }: MessageChunkProps) {
    const last = messages.at(-1);
    return messages.map((message) => (
      <Message
        key={message.id}
        message={message}
        onRegenerate={message === last ? onRegenerate : undefined}
        {...rest}
      />
    ));
  },
  (before, now) =>
    isSameList(before.messages, now.messages) &&
    before.showCost === now.showCost &&
    before.onOpenFile === now.onOpenFile &&
    before.onEdit === now.onEdit &&
    before.onRegenerate === now.onRegenerate,
);
