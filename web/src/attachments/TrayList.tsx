import { X } from "lucide-react";
import type { Attachment } from "../api/types";
import { IconButton } from "../ui/Button";
import { AttachedChip } from "./AttachedChip";
import { isPicture } from "./attachment";
import { Chip } from "./Chip";
import type { PendingFile, Remark, Tray } from "./tray";

interface TrayListProps {
  tray: Tray;
  attachments: readonly Attachment[];
  pending: readonly PendingFile[];
  refused: readonly Remark[];
  /** Why uploads cannot go along, by their ids. */
  problems: Readonly<Record<string, string>>;
  onRemove(uploadId: string): void;
  /** Something has left the list, and the focus with it. */
  onLeft(): void;
}

/** The files that go along with the next message, those on their way, and why others do not. */
export default function TrayList(props: TrayListProps) {
  const { tray, attachments, pending, refused, problems, onRemove, onLeft } = props;
  return (
    <>
      {refused.length > 0 && (
        <div
          role="alert"
          className="mb-1 flex items-start gap-1 rounded-xl bg-danger-soft py-1 ps-3 text-[13px] text-danger"
        >
          <ul className="min-w-0 flex-1 py-1 break-words">
            {refused.map(({ key, sentence }) => (
              <li key={key}>{sentence}</li>
            ))}
          </ul>
          <IconButton
            label="Dismiss"
            className="text-inherit max-md:size-11"
            onClick={() => {
              for (const { place } of refused) tray.dismiss(place);
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
          className="grid max-h-52 grid-cols-[repeat(auto-fit,minmax(10rem,1fr))] gap-1.5 overflow-y-auto p-1 max-md:grid-cols-1"
        >
          {pending.toSorted(failedFirst).map(({ key, file, progress, problem }) => {
            const isShown = isPicture({ mediaType: file.type });
            return (
              <Chip
                key={key}
                name={file.name}
                detail={detailOf(progress)}
                isPicture={isShown}
                bytes={isShown ? file : null}
                progress={problem ? undefined : progress}
                problem={problem}
                onRetry={() => {
                  tray.retry(key);
                  onLeft();
                }}
                onRemove={() => {
                  tray.remove(key);
                  onLeft();
                }}
              />
            );
          })}
          {attachments.map((attachment) => (
            <AttachedChip
              key={attachment.uploadId}
              attachment={attachment}
              problem={problems[attachment.uploadId]}
              onProblem={(problem) => tray.mark(attachment, problem)}
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

function detailOf(progress: number | null): string {
  if (progress === null) return "Preparing";
  return progress === 0 ? "Uploading" : `Uploading ${Math.round(progress * 100)} %`;
}
