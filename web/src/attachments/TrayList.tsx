import type { Attachment } from "../api/types";
import { Refused } from "../ui/Refused";
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
        <div className="mb-1">
          <Refused
            onDismiss={() => {
              for (const { place } of refused) tray.dismiss(place);
              onLeft();
            }}
          >
            {refused.map(({ key, sentence }) => (
              <li key={key}>{sentence}</li>
            ))}
          </Refused>
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
