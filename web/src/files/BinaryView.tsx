import { Download } from "lucide-react";
import { useState } from "react";
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
  const past = isPast && before && before.version > 0 ? before : null;
  return (
    <div className="flex h-full min-h-0 flex-col">
      {PICTURES.test(mediaType) ? (
        <Picture files={files} entry={entry} file={past ?? { path, version }} />
      ) : (
        <Card entry={entry} />
      )}
      <footer className="flex min-h-11 shrink-0 flex-wrap items-center justify-center gap-2 border-t border-line bg-paper px-3 py-1.5">
        {before && before.version > 0 && PICTURES.test(mediaType) && (
          <Button aria-pressed={past !== null} className="max-md:h-11" onClick={() => setPast(past === null)}>
            {past ? "Show it as it is now" : "Show it as it was before"}
          </Button>
        )}
        <DownloadButton files={files} file={past ?? { path, version }} />
      </footer>
    </div>
  );
}

interface PictureProps extends BinaryViewProps {
  /** The version that is looked at. */
  file: PastFile;
}

function Picture({ files, entry, file }: PictureProps) {
  const { path, mediaType = "" } = entry;
  const { picture, problem, isLoading, retry } = usePicture(files.readBytes, file, mediaType);
  const [drawn, setDrawn] = useState<{ url: string; size: string } | null>(null);
  const isBroken = picture !== null && drawn?.url === picture.url && drawn.size === "";
  const size = picture && drawn?.url === picture.url ? drawn.size : "";
  const caption = picture && [size, formatSize(picture.bytes), mediaType].filter(Boolean).join(", ");
  return (
    <figure className="flex min-h-0 flex-1 flex-col">
      <div className="checkered flex min-h-0 flex-1 items-center justify-center p-4">
        {picture && !isBroken && (
          <img
            src={picture.url}
            alt={path}
            className="max-h-full max-w-full object-contain"
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
      <figcaption
        role="status"
        className="border-t border-line bg-paper px-3 py-1.5 text-center text-xs text-muted tabular-nums"
      >
        {picture && isLoading ? "It was changed. The other version is on its way." : (caption ?? "…")}
      </figcaption>
    </figure>
  );
}

function Said({ working = false, children }: { working?: boolean; children: React.ReactNode }) {
  return (
    <p className={`rounded-lg bg-surface px-3 py-2 text-[13px] text-muted ${working ? "working" : ""}`}>{children}</p>
  );
}

/** What there is to say of a file that is not shown. */
function Card({ entry: { path, size, mediaType } }: { entry: FileEntry }) {
  const { Icon, tone } = fileIcon(path, true);
  return (
    <div className="flex min-h-0 flex-1 flex-col items-center justify-center gap-2 p-6 text-center">
      <Icon size={36} strokeWidth={1.25} aria-hidden className={tone} />
      <p className="max-w-full font-medium break-words">{path.slice(path.lastIndexOf("/") + 1)}</p>
      <p className="text-[13px] text-muted">{[formatSize(size), mediaType].filter(Boolean).join(", ")}</p>
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
