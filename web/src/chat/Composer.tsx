import { ArrowUp, Square } from "lucide-react";
import { type KeyboardEvent, memo, type RefObject, useEffect, useId, useLayoutEffect, useRef } from "react";
import { useStore } from "zustand";
import { codePoints } from "../ui/format";
import { useMediaQuery } from "../ui/theme";
import type { DraftStore } from "./drafts";
import { MentionList } from "./MentionList";
import { completeMention } from "./mentions";
import { MESSAGE_LIMIT } from "./model";
import { ReferenceChips } from "./ReferenceChips";
import { withReferences } from "./references";
import { useMention } from "./useMention";

/** From here on the room that is left is shown. */
const NEAR_LIMIT = 9_000;

interface ComposerProps {
  draft: DraftStore;
  /** The text field, for whoever puts the focus there. */
  box: RefObject<HTMLTextAreaElement | null>;
  /** The paths that can be mentioned. */
  files: readonly string[];
  isProcessing: boolean;
  isCancelling: boolean;
  /** True while the chat is still on its way. */
  isLoading?: boolean;
  lastPrompt: string;
  onSend(text: string, id?: string): void;
  onCancel(): void;
}

/** The box to write messages in. While an answer is written, what is sent waits its turn. */
export const Composer = memo(function Composer(props: ComposerProps) {
  const { draft, box, files, isProcessing, isCancelling, isLoading = false, lastPrompt, onSend, onCancel } = props;
  const { text, references } = useStore(draft.view);
  const touch = useMediaQuery("(pointer: coarse)");
  const ids = useId();
  const mention = useMention(files, text);
  const wasProcessing = useRef(isProcessing);

  // biome-ignore lint/correctness/useExhaustiveDependencies: they change what is in the field
  useLayoutEffect(() => {
    // As high as what is in it, be it the hint, which is another while an answer is written.
    const element = box.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 220)}px`;
  }, [text, isProcessing, box]);

  useEffect(() => {
    // The Stop button is gone with the turn; whoever pressed it goes on in the box.
    if (wasProcessing.current && !isProcessing && document.activeElement === document.body) {
      box.current?.focus({ preventScroll: true });
    }
    wasProcessing.current = isProcessing;
  }, [isProcessing, box]);

  const length = codePoints(withReferences(text, references));
  const tooLong = length > MESSAGE_LIMIT;
  const canSend = !isLoading && !tooLong && text.trim() !== "";

  const send = () => {
    if (!canSend) return;
    const { id, ...taken } = draft.take();
    onSend(taken.references.length > 0 ? withReferences(taken.text, taken.references) : taken.text, id);
  };
  const complete = (path: string) => {
    if (!mention.at) return;
    const done = completeMention(text, mention.at, path);
    draft.write(done.text);
    mention.close();
    const element = box.current;
    if (!element) return;
    element.focus();
    // After the new text is in the field.
    queueMicrotask(() => element.setSelectionRange(done.caret, done.caret));
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Safari ends the composition before it tells of the Enter that ended it, under the code 229.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const { options, active } = mention;
    if (options.length > 0) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const chosen = event.key === "Enter" || event.key === "Tab" ? options[active] : undefined;
      if (step) mention.move(step);
      else if (chosen !== undefined) complete(chosen);
      else if (event.key === "Escape") mention.close();
      else return;
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey && !touch) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && text === "" && lastPrompt) {
      event.preventDefault();
      draft.write(lastPrompt);
    } else if (event.key === "Backspace" && text === "") {
      const last = references.at(-1);
      if (last) draft.detach(last);
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
      <div className="relative rounded-2xl border border-line bg-surface p-1.5 shadow-sm transition-colors focus-within:border-accent">
        {mention.options.length > 0 && (
          <MentionList id={`${ids}-files`} options={mention.options} active={mention.active} onPick={complete} />
        )}
        <ReferenceChips
          references={references}
          onRemove={(reference) => {
            draft.detach(reference);
            box.current?.focus();
          }}
        />
        <div className="flex items-end gap-2 pl-2">
          <textarea
            ref={box}
            value={text}
            rows={1}
            dir="auto"
            enterKeyHint={touch ? "enter" : "send"}
            aria-label="Message"
            aria-describedby={`${ids}-hint`}
            aria-invalid={tooLong}
            aria-autocomplete="list"
            aria-controls={mention.options.length > 0 ? `${ids}-files` : undefined}
            aria-activedescendant={mention.options.length > 0 ? `${ids}-files-${mention.active}` : undefined}
            placeholder={isProcessing ? "Write your next message" : "Describe what to build or change"}
            onChange={(event) => {
              draft.write(event.target.value);
              mention.look(event.target.value, event.target.selectionStart);
            }}
            onSelect={(event) => mention.look(event.currentTarget.value, event.currentTarget.selectionStart)}
            onBlur={mention.close}
            onKeyDown={onKeyDown}
            className="min-w-0 flex-1 resize-none bg-transparent py-1.5 text-base leading-6 outline-none placeholder:text-muted max-md:py-2.5 md:text-sm md:leading-6"
          />
          {isProcessing && (
            <button
              type="button"
              onClick={onCancel}
              disabled={isCancelling}
              className="inline-flex h-9 shrink-0 items-center gap-1.5 rounded-xl bg-ink px-3 text-[13px] font-medium text-paper hover:opacity-90 disabled:opacity-60 max-md:h-11 max-md:px-4"
            >
              <Square size={12} fill="currentColor" aria-hidden /> {isCancelling ? "Stopping" : "Stop"}
            </button>
          )}
          {(!isProcessing || text.trim() !== "") && (
            <button
              type="submit"
              aria-label={isProcessing ? "Queue message" : "Send"}
              title={isProcessing ? "Sent when the answer is done" : "Send"}
              disabled={!canSend}
              className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-accent text-on-accent hover:brightness-110 disabled:bg-raised disabled:text-muted max-md:size-11"
            >
              <ArrowUp size={18} aria-hidden />
            </button>
          )}
        </div>
      </div>
      <p id={`${ids}-hint`} className="mt-1.5 flex justify-between gap-3 px-1 text-xs text-muted">
        <span className="max-md:sr-only">
          {isProcessing
            ? "Esc stops the answer, Enter queues a message"
            : touch
              ? "@ names a file"
              : "Enter sends, Shift+Enter starts a new line, @ names a file"}
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
});
