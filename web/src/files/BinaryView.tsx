import { Download } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useStore } from "zustand";
import { asApiError } from "../api/errors";
import type { FileEntry } from "../api/types";
import { Button } from "../ui/Button";
import { formatSize } from "../ui/format";
import { fileIcon } from "./fileIcons";
import type { FilesStore } from "./store";
import { type PastFile, usePicture } from "./usePicture";

interface BinaryViewProps {
  files: FilesStore;
  entry: FileEntry;
}

/** What browsers draw. A drawing in SVG is a text, and can run scripts. */
const PICTURES = /^image\/(png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)$/;

/** A file that is no text: a picture is shown, and anything can be downloaded. Nothing is played or run. */
export default function BinaryView({ files, entry }: BinaryViewProps) {
  const { path, version, mediaType = "" } = entry;
  const before = useStore(files.view, ({ changed, turnRunning }) => (turnRunning ? null : changed.get(path)?.before));
  const [isPast, setPast] = useState(false);
  if (!PICTURES.test(mediaType)) return <OtherFile files={files} entry={entry} />;
  const earlier = before && before.version > 0 ? before : null;
  const file = (isPast && earlier) || { path, version };
  return (
    <Picture files={files} entry={entry} file={file}>
      {earlier && (
        <Button aria-pressed={isPast} className="max-md:h-11" onClick={() => setPast(!isPast)}>
          Before
        </Button>
      )}
    </Picture>
  );
}

interface PictureProps extends BinaryViewProps {
  /** The version that is looked at. */
  file: PastFile;
  children: ReactNode;
}

function Picture({ files, entry, file, children }: PictureProps) {
  const { path, mediaType = "" } = entry;
  const { picture, problem, isLoading, retry } = usePicture(files.readBytes, file, mediaType);
  const [drawn, setDrawn] = useState<{ url: string; size: string } | null>(null);
  const isDrawn = picture !== null && drawn?.url === picture.url;
  const isBroken = isDrawn && drawn.size === "";
  const caption = picture && [isDrawn && drawn.size, formatSize(picture.bytes), mediaType].filter(Boolean).join(", ");
  return (
    <figure className="flex h-full min-h-0 flex-col">
      <div className="flex min-h-0 flex-1 items-center justify-center p-4">
        {picture && !isBroken && (
          <img
            src={picture.url}
            alt={path}
            className="checkered max-h-full max-w-full object-contain"
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setDrawn({ url: picture.url, size: `${naturalWidth} × ${naturalHeight}` })
            }
            onError={() => setDrawn({ url: picture.url, size: "" })}
          />
        )}
        {isBroken && <Said>This picture cannot be drawn. It may be damaged.</Said>}
        {!picture && isLoading && <Said working>Loading {path} </Said>}
        {!picture && problem && <Said>{path} cannot be shown.</Said>}
      </div>
      {problem && (
        <p
          role="alert"
          className="flex items-center gap-2 border-t border-line bg-danger-soft px-3 py-1.5 text-[13px] text-danger"
        >
          <span className="min-w-0 flex-1">{problem}</span>
          <Button onClick={retry}>Try again</Button>
        </p>
      )}
      <figcaption className="flex min-h-11 flex-wrap items-center gap-2 border-t border-line bg-paper px-3 py-1.5">
        <span role="status" className="min-w-32 flex-1 text-xs text-muted tabular-nums">
          {picture && isLoading ? "Another version is on its way." : caption}
        </span>
        {children}
        <DownloadButton files={files} file={file} />
      </figcaption>
    </figure>
  );
}

function Said({ working = false, children }: { working?: boolean; children: ReactNode }) {
  return (
    <p className={`rounded-lg bg-surface px-3 py-2 text-[13px] text-muted ${working ? "working" : ""}`}>{children}</p>
  );
}

function OtherFile({ files, entry }: BinaryViewProps) {
  const { path, version, size, mediaType } = entry;
  const { Icon, tone } = fileIcon(path, true);
  return (
    <div className="flex h-full min-h-0 flex-col items-center justify-center gap-2 p-6 text-center">
      <Icon size={36} strokeWidth={1.25} aria-hidden className={tone} />
      <p className="max-w-full font-medium break-words">{path.slice(path.lastIndexOf("/") + 1)}</p>
      <p className="mb-2 text-[13px] text-muted">{[formatSize(size), mediaType].filter(Boolean).join(", ")}</p>
      <DownloadButton files={files} file={{ path, version }} />
    </div>
  );
}

function DownloadButton({ files, file }: { files: FilesStore; file: PastFile }) {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const url = URL.createObjectURL(await files.readBytes(file.path, file.version));
      const link = document.createElement("a");
      link.href = url;
      link.download = file.path.slice(file.path.lastIndexOf("/") + 1);
      link.click();
      // Some browsers read the bytes a while after the click.
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (reason) {
      setProblem(asApiError(reason).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button className="max-md:h-11" disabled={busy} onClick={() => void download()}>
        <Download size={14} aria-hidden /> Download
      </Button>
      {problem && (
        <p role="alert" className="text-[13px] text-danger">
          {problem}
        </p>
      )}
    </>
  );
}
