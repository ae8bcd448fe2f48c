import { X } from "lucide-react";
import type { Attachment } from "../api/types";
import { IconButton } from "../ui/Button";
import { AttachedChip } from "./AttachedChip";
import { Chip } from "./Chip";
import type { PendingFile, Tray } from "./tray";

interface TrayListProps {
  tray: Tray;
  attachments: readonly Attachment[];
  pending: readonly PendingFile[];
  refused: readonly string[];
  onRemove(uploadId: string): void;
  /** Something has left the list, and the focus with it. */
  onLeft(): void;
}

/** The files that go along with the next message, those on their way, and why others do not. */
export default function TrayList({ tray, attachments, pending, refused, onRemove, onLeft }: TrayListProps) {
  return (
    <>
      {refused.length > 0 && (
        <div
          role="alert"
          className="mb-1 flex items-start gap-1 rounded-xl bg-danger-soft py-1 ps-3 text-[13px] text-danger"
        >
          <ul className="min-w-0 flex-1 py-1 break-words">
            {refused.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          <IconButton
            label="Dismiss"
            className="text-inherit max-md:size-11"
            onClick={() => {
              tray.dismiss();
              onLeft();
            }}
          >
            <X size={14} aria-hidden />
          </IconButton>
        </div>
      )}
      {attachments.length + pending.length > 0 && (
        <ul
          aria-label="Attached files"
          className="grid max-h-52 grid-cols-[repeat(auto-fill,minmax(10rem,1fr))] gap-1.5 overflow-y-auto p-1 max-md:grid-cols-1"
        >
          {pending.toSorted(failedFirst).map(({ key, file, progress, problem, canRetry }) => (
            <Chip
              key={key}
              name={file.name}
              detail={progress === 0 ? "Preparing" : `Uploading ${Math.round(progress * 100)} %`}
              isPicture={file.type.startsWith("image/")}
              bytes={file.type.startsWith("image/") ? file : null}
              progress={problem ? undefined : progress}
              problem={problem}
              onRetry={canRetry ? () => tray.retry(key) : undefined}
              onRemove={() => {
                tray.remove(key);
                onLeft();
              }}
            />
          ))}
          {attachments.map((attachment) => (
            <AttachedChip
              key={attachment.uploadId}
              attachment={attachment}
              onRemove={() => {
                onRemove(attachment.uploadId);
                onLeft();
              }}
            />
          ))}
        </ul>
      )}
    </>
  );
}

/** What needs a decision is to be seen without scrolling. */
function failedFirst(one: PendingFile, other: PendingFile): number {
  return Number(other.problem !== undefined) - Number(one.problem !== undefined);
}
