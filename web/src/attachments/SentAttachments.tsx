import { FileText, ImageOff, RotateCw } from "lucide-react";
import { useState } from "react";
import type { Attachment } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { formatSize } from "../ui/format";
import { isPicture } from "./attachment";
import { useObjectUrl, usePicture } from "./usePicture";

/** What went along with a message: pictures to look at, the rest by name. One picture is shown large. */
export default function SentAttachments({ attachments }: { attachments: readonly Attachment[] }) {
  const isOnly = attachments.filter(isPicture).length === 1;
  return (
    <ul aria-label="Attachments" className="flex max-w-full flex-wrap justify-end gap-1.5">
      {attachments.map((attachment) => (
        <li key={attachment.uploadId} className="max-w-full">
          {isPicture(attachment) ? (
            <Picture attachment={attachment} isLarge={isOnly} />
          ) : (
            <Document attachment={attachment} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** Wider or higher than this, in proportion, it is shown as a whole rather than cut. */
const WIDEST = 3;
const HIGHEST = 0.4;

function Picture({ attachment, isLarge }: { attachment: Attachment; isLarge: boolean }) {
  const { name, width = 4, height = 3 } = attachment;
  const { bytes, missing, retry } = usePicture(attachment);
  const url = useObjectUrl(bytes);
  const [isOpen, setOpen] = useState(false);
  const ratio = width / height;
  const shape = Math.min(WIDEST, Math.max(HIGHEST, ratio));
  if (missing === "gone") return <Card icon={ImageOff} name={name} about="Not kept any more" />;
  const isLost = missing === "lost";
  return (
    <>
      <button
        type="button"
        aria-haspopup={isLost ? undefined : "dialog"}
        aria-label={isLost ? `Try again: ${name} could not be loaded` : undefined}
        // Whoever has asked for it again keeps the focus here while it loads.
        aria-disabled={url === null && !isLost}
        title={name}
        // Its place is kept free until it is there, so that nothing moves.
        style={isLarge ? { aspectRatio: shape } : undefined}
        className={`block max-w-full overflow-hidden rounded-xl border border-line bg-raised hover:border-accent ${isLarge ? "h-36 min-w-20" : "size-20"}`}
        onClick={() => (isLost ? retry() : url && setOpen(true))}
      >
        {url ? (
          <img
            src={url}
            alt={name}
            className={`checkered size-full ${isLarge && shape !== ratio ? "object-contain" : "object-cover"}`}
          />
        ) : isLost ? (
          <span className="flex size-full flex-col items-center justify-center gap-1 p-1 text-xs leading-4 text-muted">
            <RotateCw size={16} aria-hidden />
            Try again
          </span>
        ) : (
          <span className="sr-only">{name}</span>
        )}
      </button>
      {isOpen && url && (
        <Dialog title={name} wide onClose={() => setOpen(false)}>
          <img
            src={url}
            alt={name}
            className="mx-auto mt-3 max-h-[calc(100dvh-10rem)] max-w-full checkered rounded-lg object-contain"
          />
        </Dialog>
      )}
    </>
  );
}

function Document({ attachment }: { attachment: Attachment }) {
  const { name, size, mediaType, pages } = attachment;
  const kind = mediaType === "application/pdf" ? "PDF" : /\.svg$/i.test(name) ? "SVG" : "Text";
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
