import { ArrowDown } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useStickToBottom } from "use-stick-to-bottom";
import type { Attachment } from "../api/types";
import { Button } from "../ui/Button";
import { useMediaQuery } from "../ui/theme";
import type { TurnChanges } from "./changes";
import { FollowingTurnsContext, followingTurns } from "./followingTurns";
import { chunksOf, MessageChunk } from "./MessageChunk";
import type { ChatMessage } from "./model";

/** What is rendered at once; more on request, so that a long chat opens fast. */
const PAGE = 100;

interface MessageListProps {
  messages: ChatMessage[];
  hasMore: boolean;
  showCost: boolean;
  onLoadEarlier(): void;
  onOpenFile(path: string): void;
  /** Sends another text in place of a message of the vendor, and forgets what came after it. */
  onEdit?(messageId: string, text: string, attachments?: readonly Attachment[]): void;
  /** Has the latest answer written once more. */
  onRegenerate?(turnId: number): void;
  children?: ReactNode;
}

/** The conversation. Follows its end until the reader scrolls up. */
export function MessageList(props: MessageListProps) {
  const { messages, hasMore, showCost, onLoadEarlier, onOpenFile, onEdit, onRegenerate, children } = props;
  const { scrollRef, contentRef, isAtBottom, scrollToBottom, stopScroll } = useStickToBottom({
    initial: "instant",
    resize: "instant",
  });
  const still = useMediaQuery("(prefers-reduced-motion: reduce)");
  const [shown, setShown] = useState(PAGE);
  const visible = messages.slice(-shown);
  const hidden = messages.length - visible.length;
  const place = useRef<{ first: string | undefined; fromEnd: number } | null>(null);
  const first = visible[0]?.id;
  useLayoutEffect(() => {
    // Earlier messages go in above; what was being read stays where it is.
    const region = scrollRef.current;
    if (!region || !place.current || place.current.first === first) return;
    region.scrollTop = region.scrollHeight - place.current.fromEnd;
    place.current = null;
    if (document.activeElement === document.body) region.focus({ preventScroll: true });
  }, [first, scrollRef]);
  const asked = messages.findLast((message) => message.role === "user");
  const justAsked = asked?.status === "sending" ? asked.id : null;
  useEffect(() => {
    if (!justAsked) return;
    // Whoever asks wants to see the answer, wherever they were reading, and the past weighs on what comes.
    setShown(PAGE);
    void scrollToBottom("instant");
  }, [justAsked, scrollToBottom]);
  const showEarlier = () => {
    const region = scrollRef.current;
    if (region) place.current = { first, fromEnd: region.scrollHeight - region.scrollTop };
    if (hidden === 0) onLoadEarlier();
    setShown(shown + PAGE);
  };
  const latest = useRef(messages);
  useEffect(() => {
    latest.current = messages;
  }, [messages]);
  const turnsFrom = useCallback(
    (message: ChatMessage, changes: TurnChanges, sessionId: string) =>
      followingTurns(latest.current, message, changes, sessionId),
    [],
  );
  const last = messages.at(-1);
  const isBusy = last?.status === "streaming" || last?.status === "sending" || last?.status === "waiting";
  // What was not sent is not stored, so nothing stored can be replaced before that is settled.
  const canReplace = !isBusy && last?.status !== "unsent";

  return (
    <div className="relative min-h-0 flex-1">
      {/* biome-ignore lint/a11y/useSemanticElements: a landmark of its own, with the log inside */}
      <div ref={scrollRef} className="h-full overflow-y-auto" tabIndex={0} role="region" aria-label="Conversation">
        <div
          ref={contentRef}
          className="mx-auto max-w-3xl px-4 py-4"
          onClickCapture={(event) => {
            // Whoever unfolds something wants to read it from its beginning, and whoever edits stays at it.
            if (!(event.target instanceof Element)) return;
            if (event.target.closest("[aria-expanded=false], [data-edits]")) stopScroll();
          }}
        >
          {(hidden > 0 || hasMore) && (
            <div className="mb-4 text-center">
              <Button className="max-md:h-11" onClick={showEarlier}>
                Show earlier messages
              </Button>
            </div>
          )}
          <div role="log" aria-live="off" aria-label="Messages" className="space-y-5">
            <FollowingTurnsContext value={turnsFrom}>
              {chunksOf(visible).map((chunk) => (
                <MessageChunk
                  key={chunk.key}
                  messages={chunk.messages}
                  showCost={showCost}
                  onOpenFile={onOpenFile}
                  onEdit={canReplace ? onEdit : undefined}
                  onRegenerate={canReplace && last && chunk.messages.includes(last) ? onRegenerate : undefined}
                />
              ))}
            </FollowingTurnsContext>
          </div>
          {children}
        </div>
      </div>
      {!isAtBottom && (
        <button
          type="button"
          onClick={() => void scrollToBottom(still ? "instant" : undefined)}
          className="absolute bottom-2 left-1/2 inline-flex h-8 -translate-x-1/2 items-center gap-1.5 rounded-full border border-line bg-surface px-3 text-xs font-medium shadow-md hover:bg-raised max-md:h-11 max-md:px-4"
        >
          <ArrowDown size={14} aria-hidden /> Jump to latest
        </button>
      )}
    </div>
  );
}
