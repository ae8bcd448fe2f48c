import { CircleAlert, Pencil } from "lucide-react";
import { lazy, Suspense, useRef, useState } from "react";
import type { Attachment } from "../api/types";
import { Button, IconButton } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { LazyPart } from "../ui/LazyPart";
import { MessageActions } from "./MessageActions";
import type { ChatMessage } from "./model";

const MessageEditor = lazy(() => import("./MessageEditor"));
const SentAttachments = lazy(() => import("../attachments/SentAttachments"));

interface UserMessageProps {
  message: ChatMessage;
  /** Sends another text in place of the message; absent where that is not possible now. */
  onEdit?(messageId: string, text: string, attachments?: readonly Attachment[]): void;
}

/** Messages longer than this are folded, in characters and in lines. */
const LONG = { characters: 900, lines: 14 };

/** What the vendor has written. */
export function UserMessage({ message, onEdit }: UserMessageProps) {
  const [isOpen, setOpen] = useState(false);
  const [isEdited, setEdited] = useState(false);
  const edit = useRef<HTMLButtonElement>(null);
  const isLong = message.content.length > LONG.characters || message.content.split("\n").length > LONG.lines;
  const leave = () => {
    setEdited(false);
    // Back to where the vendor came from, once the button is there again.
    requestAnimationFrame(() => edit.current?.focus({ preventScroll: true }));
  };
  if (isEdited && onEdit) {
    return (
      <article aria-label="You">
        <Suspense fallback={<p className="text-muted">Loading</p>}>
          <MessageEditor
            message={message}
            onCancel={leave}
            onSend={(text, attachments) => {
              setEdited(false);
              onEdit(message.id, text, attachments);
            }}
          />
        </Suspense>
      </article>
    );
  }
  return (
    <article aria-label="You" className="group/message flex flex-col items-end gap-1 ps-8">
      {message.attachments && (
        <LazyPart what="What is attached" loading={<div className="h-36" />}>
          <SentAttachments attachments={message.attachments} />
        </LazyPart>
      )}
      <div
        dir="auto"
        className={`max-w-full rounded-2xl rounded-ee-md bg-accent-soft px-3.5 py-2 break-words whitespace-pre-wrap ${isLong && !isOpen ? "max-h-52 overflow-hidden mask-b-from-70%" : ""}`}
      >
        {message.content}
      </div>
      {isLong && (
        <Button kind="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Show less" : "Show all"}
        </Button>
      )}
      {message.status === "unsent" && (
        <p className="flex items-center gap-1 text-xs text-danger">
          <CircleAlert size={13} aria-hidden /> <span>Not sent</span>
        </p>
      )}
      {message.status === "complete" && (
        <MessageActions className="pointer-fine:-mb-4">
          <CopyButton label="Copy message" text={() => message.content} className="max-md:p-3.5" />
          {onEdit && (
            <IconButton
              ref={edit}
              label="Edit and resend"
              data-edits
              className="size-7 max-md:size-11"
              onClick={() => setEdited(true)}
            >
              <Pencil size={14} aria-hidden />
            </IconButton>
          )}
        </MessageActions>
      )}
    </article>
  );
}
