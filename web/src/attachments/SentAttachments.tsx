import { FileText, ImageOff } from "lucide-react";
import { useState } from "react";
import type { Attachment } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { formatSize } from "../ui/format";
import { isPicture } from "./attachment";
import { useObjectUrl, usePicture } from "./usePicture";

/** What went along with a message: pictures to look at, the rest by name. */
export default function SentAttachments({ attachments }: { attachments: readonly Attachment[] }) {
  return (
    <ul aria-label="Attachments" className="flex max-w-full flex-wrap justify-end gap-1.5">
      {attachments.map((attachment) => (
        <li key={attachment.uploadId} className="max-w-full">
          {isPicture(attachment) ? <Picture attachment={attachment} /> : <Document attachment={attachment} />}
        </li>
      ))}
    </ul>
  );
}

const WHY = { gone: "Not kept any more", lost: "Could not be loaded" };

function Picture({ attachment }: { attachment: Attachment }) {
  const { name, width = 4, height = 3 } = attachment;
  const { bytes, missing } = usePicture(attachment);
  const url = useObjectUrl(bytes);
  const [isOpen, setOpen] = useState(false);
  if (missing) return <Card icon={ImageOff} name={name} about={WHY[missing]} />;
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        disabled={url === null}
        // Its place is kept free until it is there, so that nothing moves.
        style={{ aspectRatio: Math.min(3, Math.max(0.4, width / height)) }}
        className="block h-36 max-w-full overflow-hidden rounded-xl border border-line bg-raised hover:border-accent"
        onClick={() => setOpen(true)}
      >
        {url ? (
          <img src={url} alt={name} className="size-full object-cover" />
        ) : (
          <span className="sr-only">{name}</span>
        )}
      </button>
      {isOpen && url && (
        <Dialog title={name} wide onClose={() => setOpen(false)}>
          <img
            src={url}
            alt={name}
            className="mx-auto mt-3 max-h-[calc(100dvh-10rem)] max-w-full rounded-lg bg-raised object-contain"
          />
        </Dialog>
      )}
    </>
  );
}

function Document({ attachment }: { attachment: Attachment }) {
  const { name, size, mediaType, pages } = attachment;
  const kind = mediaType === "application/pdf" ? "PDF" : "Text";
  const length = pages === undefined ? "" : `, ${pages === 1 ? "1 page" : `${pages} pages`}`;
  return <Card icon={FileText} name={name} about={`${kind}, ${formatSize(size)}${length}`} />;
}

function Card({ icon: Icon, name, about }: { icon: typeof FileText; name: string; about: string }) {
  return (
    <div className="flex max-w-64 items-center gap-2.5 rounded-xl border border-line bg-surface py-1.5 ps-2 pe-3">
      <span className="flex size-9 shrink-0 items-center justify-center rounded-lg bg-raised text-muted">
        <Icon size={17} aria-hidden />
      </span>
      <div className="min-w-0 text-xs leading-4">
        <p className="truncate font-medium" title={name}>
          {name}
        </p>
        <p className="truncate text-muted">{about}</p>
      </div>
    </div>
  );
}
