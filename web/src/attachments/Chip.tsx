import { FileText, ImageIcon, RotateCw, X } from "lucide-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "../ui/Button";
import { useObjectUrl } from "./usePicture";

interface ChipProps {
  name: string;
  /** Under the name: the size, or how far it is. */
  detail: ReactNode;
  isPicture: boolean;
  /** The picture, where there is one to be shown. */
  bytes: Blob | null;
  /** The part that has been uploaded, from 0 to 1, while it is on its way; null before it leaves. */
  progress?: number | null | undefined;
  /** Why it does not go along. */
  problem?: string | undefined;
  onRetry?: (() => void) | undefined;
  onRemove(): void;
}

/** A file that goes along with a message, to be taken off again. */
export function Chip(props: ChipProps) {
  const { name, detail, isPicture, bytes, progress, problem, onRetry, onRemove } = props;
  return (
    <li
      className={`relative flex items-center gap-2 overflow-hidden rounded-xl border bg-paper p-1.5 ${problem ? "col-span-full border-danger" : "border-line"}`}
    >
      <Face bytes={bytes} isPicture={isPicture} />
      <div className="min-w-0 flex-1 text-xs leading-4">
        <p className="truncate font-medium" title={name}>
          {name}
        </p>
        {problem ? <p className="text-danger">{problem}</p> : <p className="truncate text-muted">{detail}</p>}
      </div>
      <div className="flex shrink-0">
        {problem && onRetry && (
          <IconButton label={`Try again: ${name}`} className="size-7 max-md:size-11" onClick={onRetry}>
            <RotateCw size={14} aria-hidden />
          </IconButton>
        )}
        <IconButton label={`Remove ${name}`} className="size-7 max-md:size-11" onClick={onRemove}>
          <X size={14} aria-hidden />
        </IconButton>
      </div>
      {progress !== undefined && (
        <div
          role="progressbar"
          aria-label={`Uploading ${name}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={progress === null ? undefined : Math.round(progress * 100)}
          className="absolute inset-x-0 bottom-0 h-[3px] bg-raised"
        >
          <div
            className="h-full bg-accent transition-[width] motion-reduce:transition-none"
            style={{ width: `${(progress ?? 0) * 100}%` }}
          />
        </div>
      )}
    </li>
  );
}

function Face({ bytes, isPicture }: Pick<ChipProps, "bytes" | "isPicture">) {
  const url = useObjectUrl(bytes);
  const [broken, setBroken] = useState<string | null>(null);
  const Icon = isPicture ? ImageIcon : FileText;
  if (url && url !== broken) {
    return (
      <img
        src={url}
        alt=""
        onError={() => setBroken(url)}
        className="size-10 shrink-0 rounded-lg checkered object-cover"
      />
    );
  }
  return (
    <span className="flex size-10 shrink-0 items-center justify-center rounded-lg bg-raised text-muted">
      <Icon size={18} aria-hidden />
    </span>
  );
}
