import { ArrowUp, Square } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { codePoints } from "../ui/format";
import { storage } from "../ui/storage";

export const MESSAGE_LIMIT = 10_000;
/** From here on the room that is left is shown. */
const NEAR_LIMIT = 9_000;

interface ComposerProps {
  /** Drafts are kept under this key, so that each app has its own. */
  draftKey: string;
  isProcessing: boolean;
  isCancelling: boolean;
  /** Words to put into the box: an example that was picked, or a message that was refused. */
  suggestion: { text: string; refused?: boolean } | null;
  lastPrompt: string;
  onSend(text: string): void;
  onCancel(): void;
}

export function Composer(props: ComposerProps) {
  const { draftKey, isProcessing, isCancelling, suggestion, lastPrompt, onSend, onCancel } = props;
  const storageKey = `draft:${draftKey}`;
  const [text, setText] = useState(() => storage.getItem(storageKey) ?? "");
  const box = useRef<HTMLTextAreaElement>(null);
  const wasProcessing = useRef(isProcessing);

  useEffect(() => {
    if (text) storage.setItem(storageKey, text);
    else storage.removeItem(storageKey);
  }, [text, storageKey]);

  useEffect(() => {
    // As high as what is in it, be it the hint, which is another while an answer is written.
    const element = box.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 220)}px`;
  }, [text, isProcessing]);

  useEffect(() => {
    if (!suggestion) return;
    setText((typed) => (suggestion.refused && typed ? typed : suggestion.text));
    box.current?.focus();
  }, [suggestion]);

  useEffect(() => {
    // The Stop button is gone with the turn; whoever pressed it goes on in the box.
    if (wasProcessing.current && !isProcessing && document.activeElement === document.body) {
      box.current?.focus({ preventScroll: true });
    }
    wasProcessing.current = isProcessing;
  }, [isProcessing]);

  const length = codePoints(text);
  const tooLong = length > MESSAGE_LIMIT;
  const canSend = !isProcessing && !tooLong && text.trim() !== "";

  const send = () => {
    if (!canSend) return;
    onSend(text);
    setText("");
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Safari ends the composition before it tells of the Enter that ended it, under the code 229.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && isProcessing) {
      event.preventDefault();
      onCancel();
    } else if (event.key === "ArrowUp" && text === "" && lastPrompt) {
      event.preventDefault();
      setText(lastPrompt);
    }
  };

  return (
    <form
      className="px-3 pb-3"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="flex items-end gap-2 rounded-2xl border border-line bg-surface p-1.5 pl-3.5 shadow-sm transition-colors focus-within:border-accent">
        <textarea
          ref={box}
          value={text}
          rows={1}
          dir="auto"
          aria-label="Message"
          aria-describedby="composer-hint"
          aria-invalid={tooLong}
          placeholder={isProcessing ? "Write your next message" : "Describe what to build or change"}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          className="min-w-0 flex-1 resize-none bg-transparent py-1.5 text-[15px] leading-6 outline-none placeholder:text-muted md:text-sm md:leading-6"
        />
        {isProcessing ? (
          <button
            type="button"
            onClick={onCancel}
            disabled={isCancelling}
            className="inline-flex h-9 shrink-0 items-center gap-1.5 rounded-xl bg-ink px-3 text-[13px] font-medium text-paper hover:opacity-90 disabled:opacity-60"
          >
            <Square size={12} fill="currentColor" aria-hidden /> {isCancelling ? "Stopping" : "Stop"}
          </button>
        ) : (
          <button
            type="submit"
            aria-label="Send"
            title="Send"
            disabled={!canSend}
            className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-accent text-on-accent hover:brightness-110 disabled:bg-raised disabled:text-muted"
          >
            <ArrowUp size={18} aria-hidden />
          </button>
        )}
      </div>
      <p id="composer-hint" className="mt-1.5 flex justify-between gap-3 px-1 text-xs text-muted">
        <span className="max-md:sr-only">
          {isProcessing ? "Esc stops the answer" : "Enter sends, Shift+Enter starts a new line"}
        </span>
        {length >= NEAR_LIMIT && (
          <span role="status" className={tooLong ? "font-medium text-danger" : ""}>
            {tooLong
              ? `${(length - MESSAGE_LIMIT).toLocaleString()} characters too many (limit ${MESSAGE_LIMIT.toLocaleString()})`
              : `${(MESSAGE_LIMIT - length).toLocaleString()} characters left`}
          </span>
        )}
      </p>
    </form>
  );
}
