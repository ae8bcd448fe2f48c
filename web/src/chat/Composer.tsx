import { ArrowUp, Square } from "lucide-react";
import { type KeyboardEvent, lazy, memo, type RefObject, useEffect, useId, useLayoutEffect, useRef } from "react";
import { useStore } from "zustand";
import { ATTACHMENT_LIMIT } from "../attachments/attachment";
import type { PendingFile, Tray, TrayView } from "../attachments/tray";
import { named, pastedFiles } from "../attachments/useFileDrop";
import { codePoints } from "../ui/format";
import { LazyPart } from "../ui/LazyPart";
import { useMediaQuery } from "../ui/theme";
import type { Draft, DraftStore } from "./drafts";
import { MentionList } from "./MentionList";
import { completeMention } from "./mentions";
import { MESSAGE_LIMIT } from "./model";
import { withReferences } from "./references";
import type { SendOptions } from "./sending";
import { useMention } from "./useMention";

const AttachButton = lazy(() => import("../attachments/AttachButton"));
const ReferenceChips = lazy(() => import("./ReferenceChips"));
const TrayList = lazy(() => import("../attachments/TrayList"));

/** From here on the room that is left is shown. */
const NEAR_LIMIT = 9_000;

interface ComposerProps {
  draft: DraftStore;
  /** The files on their way to the draft. */
  tray: Tray;
  /** The text field, for whoever puts the focus there. */
  box: RefObject<HTMLTextAreaElement | null>;
  /** The paths that can be mentioned. */
  files: readonly string[];
  isProcessing: boolean;
  /** Claude waits for the vendor's word, which can be stopped too. */
  isWaiting?: boolean;
  isCancelling: boolean;
  /** True while the chat is still on its way. */
  isLoading?: boolean;
  lastPrompt: string;
  onSend(text: string, options: SendOptions): void;
  onCancel(): void;
}

/** The box to write messages in. While an answer is written, what is sent waits its turn. */
export const Composer = memo(function Composer(props: ComposerProps) {
  const {
    draft,
    tray,
    box,
    files,
    isProcessing,
    isWaiting = false,
    isCancelling,
    isLoading = false,
    lastPrompt,
    onSend,
    onCancel,
  } = props;
  const { text, references, attachments, place } = useStore(draft.view);
  const { problems, said, ...all } = useStore(tray.view);
  const pending = all.pending.filter((file) => file.place === place);
  const refused = all.refused.filter((remark) => remark.place === place);
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
  const obstacle = obstacleOf({ text, attachments }, pending, problems);
  const canSend = !isLoading && !tooLong && !obstacle && text.trim() !== "";

  const send = () => {
    if (!canSend) return;
    const { id: clientMessageId, ...taken } = draft.take();
    tray.dismiss(place);
    onSend(taken.references.length > 0 ? withReferences(taken.text, taken.references) : taken.text, {
      clientMessageId,
      attachments: taken.attachments,
    });
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
        {references.length > 0 && (
          <LazyPart what="The list of what is attached">
            <ReferenceChips
              references={references}
              onRemove={(reference) => {
                draft.detach(reference);
                box.current?.focus();
              }}
            />
          </LazyPart>
        )}
        {attachments.length + pending.length + refused.length > 0 && (
          <LazyPart what="The list of attached files">
            <TrayList
              tray={tray}
              attachments={attachments}
              pending={pending}
              refused={refused}
              problems={problems}
              onRemove={draft.removeUpload}
              onLeft={() => box.current?.focus()}
            />
          </LazyPart>
        )}
        <div className="flex items-end gap-1">
          <LazyPart what="The button to attach files" loading={<span className="size-9 max-md:size-11" />}>
            <AttachButton
              touch={touch}
              onFiles={(picked) => {
                tray.add(picked);
                box.current?.focus();
              }}
            />
          </LazyPart>
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
            placeholder={
              isProcessing
                ? "Write your next message"
                : touch
                  ? "What to build or change"
                  : "Describe what to build or change"
            }
            onChange={(event) => {
              draft.write(event.target.value);
              mention.look(event.target.value, event.target.selectionStart);
            }}
            onSelect={(event) => mention.look(event.currentTarget.value, event.currentTarget.selectionStart)}
            onBlur={mention.close}
            onKeyDown={onKeyDown}
            onPaste={(event) => {
              const pasted = pastedFiles(event.clipboardData);
              if (pasted.length === 0) return;
              event.preventDefault();
              const taken = [...attachments.map(({ name }) => name), ...pending.map(({ file }) => file.name)];
              tray.add(named(pasted, taken));
            }}
            className="min-w-0 flex-1 resize-none bg-transparent py-1.5 ps-1 text-base leading-6 outline-none placeholder:text-muted max-md:py-2.5 md:text-sm md:leading-6"
          />
          {(isProcessing || isWaiting) && (
            <button
              type="button"
              onClick={onCancel}
              disabled={isCancelling}
              className="inline-flex h-9 shrink-0 items-center gap-1.5 rounded-xl bg-ink px-3 text-[13px] font-medium text-paper hover:opacity-90 disabled:opacity-60 max-md:h-11 max-md:px-4"
            >
              <Square size={12} fill="currentColor" aria-hidden /> {isCancelling ? "Stopping" : "Stop"}
            </button>
          )}
          {(!isProcessing || text.trim() !== "" || attachments.length > 0) && (
            <button
              type="submit"
              aria-label={isProcessing ? "Queue message" : "Send"}
              title={obstacle ?? (isProcessing ? "Sent when the answer is done" : "Send")}
              disabled={!canSend}
              className="inline-flex size-9 shrink-0 items-center justify-center rounded-xl bg-accent text-on-accent hover:brightness-110 disabled:bg-raised disabled:text-muted max-md:size-11"
            >
              <ArrowUp size={18} aria-hidden />
            </button>
          )}
        </div>
      </div>
      <p id={`${ids}-hint`} className="mt-1.5 flex justify-between gap-3 px-1 text-xs text-muted">
        <span className={obstacle ? "" : "max-md:sr-only"}>
          {obstacle
            ? obstacle
            : isProcessing
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
      <p role="status" className="sr-only">
        {said?.place === place ? said.sentence : ""}
      </p>
    </form>
  );
});

/** Why a message with these files cannot be sent yet; null where it can, or has no files. */
function obstacleOf(
  { text, attachments }: Pick<Draft, "text" | "attachments">,
  pending: PendingFile[],
  problems: TrayView["problems"],
): string | null {
  if (pending.some(({ problem }) => problem !== undefined)) return "Remove what was not uploaded, or try it again";
  if (attachments.some(({ uploadId }) => problems[uploadId])) return "Remove what cannot go along";
  if (pending.length > 0) return "Can be sent when the files are uploaded";
  if (attachments.length > ATTACHMENT_LIMIT) return `At most ${ATTACHMENT_LIMIT} files go with one message`;
  if (attachments.length > 0 && text.trim() === "") {
    return attachments.length === 1 ? "Say what to do with it" : "Say what to do with them";
  }
  return null;
}
