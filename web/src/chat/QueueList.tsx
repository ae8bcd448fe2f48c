import { Paperclip, Pencil, X } from "lucide-react";
import { Button, IconButton } from "../ui/Button";
import type { HoldReason, OutgoingMessage } from "./outbox";

interface QueueListProps {
  queue: OutgoingMessage[];
  held: HoldReason | null;
  isProcessing: boolean;
  onSendNow(): void;
  /** Puts the message into the box, to be changed. */
  onEdit(id: string): void;
  onRemove(id: string): void;
}

const WHY: Record<HoldReason, string> = {
  stopped: "On hold, since you stopped the answer.",
  failed: "On hold, since something went wrong.",
  reopened: "Not sent yet.",
};

/** Messages that wait for the answer before them, in the order in which they are sent. */
export function QueueList({ queue, held, isProcessing, onSendNow, onEdit, onRemove }: QueueListProps) {
  if (queue.length === 0) return null;
  return (
    <section aria-label="Queued messages" className="rounded-xl border border-line bg-surface text-[13px]">
      <div className="flex items-center gap-2 py-1 pr-1 pl-3 text-xs text-muted">
        <p role="status" className="min-w-0 flex-1">
          {held ? WHY[held] : "Sent as soon as the answer is done."}
        </p>
        {held && !isProcessing && (
          <Button className="max-md:h-11" onClick={onSendNow}>
            {queue.length > 1 ? "Send next" : "Send now"}
          </Button>
        )}
      </div>
      <ol className="max-h-40 overflow-y-auto border-t border-line">
        {queue.map(({ id, text, attachments = [] }) => (
          <li key={id} className="flex items-center gap-0.5 pr-1 pl-3 not-first:border-t not-first:border-line">
            <div className="min-w-0 flex-1 py-1.5">
              <p dir="auto" className="line-clamp-2 break-words">
                {text}
              </p>
              {attachments.length > 0 && (
                <p className="flex items-center gap-1 text-xs text-muted">
                  <Paperclip size={12} aria-hidden className="shrink-0" />
                  <span className="min-w-0 truncate">{attachments.map(({ name }) => name).join(", ")}</span>
                </p>
              )}
            </div>
            <IconButton label="Take back to the message box" className="max-md:size-11" onClick={() => onEdit(id)}>
              <Pencil size={14} aria-hidden />
            </IconButton>
            <IconButton label="Remove from the queue" className="max-md:size-11" onClick={() => onRemove(id)}>
              <X size={15} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ol>
    </section>
  );
}
