import { type KeyboardEvent, useContext, useEffect, useId, useRef, useState } from "react";
import type { Attachment } from "../api/types";
import { AttachedChip } from "../attachments/AttachedChip";
import { pastedFiles } from "../attachments/useFileDrop";
import { Button } from "../ui/Button";
import { codePoints } from "../ui/format";
import { ChangesContext } from "./changes";
import { FollowingTurnsContext, undoAll } from "./followingTurns";
import type { ChatMessage } from "./model";
import { MESSAGE_LIMIT } from "./model";

interface MessageEditorProps {
  message: ChatMessage;
  onCancel(): void;
  onSend(text: string, attachments: readonly Attachment[]): void;
}

/** The vendor's message as a text to change and send again, on the files as they are or as they were then. */
export default function MessageEditor({ message, onCancel, onSend }: MessageEditorProps) {
  const known = useContext(ChangesContext);
  const turnsFrom = useContext(FollowingTurnsContext);
  const [text, setText] = useState(message.content);
  const [attachments, setAttachments] = useState(message.attachments ?? []);
  /** Why attachments cannot go along, by their ids. */
  const [lost, setLost] = useState<Record<string, string>>({});
  const [isUndoing, setUndoing] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const turns = known?.sessionId ? turnsFrom(message, known.changes, known.sessionId) : [];
  const files = new Set(turns.flatMap(({ paths }) => paths)).size;
  const isTooLong = codePoints(text) > MESSAGE_LIMIT;
  const hasLost = attachments.some(({ uploadId }) => lost[uploadId]);
  const canSend = text.trim() !== "" && !isTooLong && !isBusy && !hasLost;
  const obstacle = isTooLong
    ? `A message has at most ${MESSAGE_LIMIT.toLocaleString()} characters.`
    : hasLost
      ? "Remove what cannot go along."
      : problem;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    element.focus({ preventScroll: true });
    element.setSelectionRange(element.value.length, element.value.length);
    // Once it has its height.
    const frame = requestAnimationFrame(() => element.scrollIntoView({ block: "nearest" }));
    return () => cancelAnimationFrame(frame);
  }, []);

  const send = async () => {
    if (!canSend) return;
    if (known && files > 0 && isUndoing) {
      setBusy(true);
      const trouble = await undoAll(turns, known.changes);
      setBusy(false);
      if (trouble) return setProblem(trouble);
    }
    onSend(text, attachments);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      // Nothing else is meant by it: a running answer goes on.
      event.stopPropagation();
      onCancel();
    } else if (event.key === "Enter" && !event.shiftKey && !isCoarse()) {
      event.preventDefault();
      void send();
    }
  };

  return (
    <form
      className="space-y-2 rounded-2xl border border-accent bg-surface p-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        ref={box}
        value={text}
        dir="auto"
        aria-label="Edit message"
        aria-invalid={isTooLong}
        rows={Math.min(12, Math.max(2, text.split("\n").length))}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          if (pastedFiles(event.clipboardData).length === 0) return;
          event.preventDefault();
          setProblem("A sent message takes no more files. Paste them into the box below.");
        }}
        className="block field-sizing-content max-h-80 w-full resize-none bg-transparent px-1 text-sm leading-6 outline-none max-md:text-base"
      />
      {attachments.length > 0 && (
        <ul
          aria-label="Attached files"
          className="grid grid-cols-[repeat(auto-fit,minmax(10rem,1fr))] gap-1.5 max-md:grid-cols-1"
        >
          {attachments.map((attachment) => (
            <AttachedChip
              key={attachment.uploadId}
              attachment={attachment}
              problem={lost[attachment.uploadId]}
              onProblem={(why) => setLost((known) => ({ ...known, [attachment.uploadId]: why }))}
              onRemove={() => {
                setAttachments(attachments.filter((other) => other !== attachment));
                box.current?.focus();
              }}
            />
          ))}
        </ul>
      )}
      {files > 0 && (
        <label htmlFor={id} className="flex items-start gap-2 px-1 text-[13px] max-md:min-h-11 max-md:items-center">
          <input
            id={id}
            type="checkbox"
            checked={isUndoing}
            onChange={(event) => setUndoing(event.target.checked)}
            className="mt-0.5 size-4 shrink-0 accent-accent max-md:mt-0"
          />
          <span>{`Also undo what was changed since, in ${files === 1 ? "1 file" : `${files} files`}`}</span>
        </label>
      )}
      {obstacle && (
        <p role="alert" className="px-1 text-xs text-danger">
          {obstacle}
        </p>
      )}
      <div className="flex items-center justify-end gap-2">
        <span className="me-auto px-1 text-xs text-muted">What came after it is replaced.</span>
        <Button kind="quiet" className="max-md:h-11" onClick={onCancel}>
          Cancel
        </Button>
        <Button kind="primary" type="submit" className="max-md:h-11" disabled={!canSend}>
          Send
        </Button>
      </div>
    </form>
  );
}

function isCoarse(): boolean {
  return window.matchMedia("(pointer: coarse)").matches;
}
