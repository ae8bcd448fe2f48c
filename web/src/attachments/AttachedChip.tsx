import { useEffect, useEffectEvent } from "react";
import type { Attachment } from "../api/types";
import { formatSize } from "../ui/format";
import { GONE, isPicture } from "./attachment";
import { Chip } from "./Chip";
import { usePicture } from "./usePicture";

interface AttachedChipProps {
  attachment: Attachment;
  /** Why it cannot go along. */
  problem: string | undefined;
  /** It turns out that it cannot go along. */
  onProblem(problem: string): void;
  onRemove(): void;
}

/** An uploaded file that goes along with a message. */
export function AttachedChip({ attachment, problem, onProblem, onRemove }: AttachedChipProps) {
  const { bytes, missing } = usePicture(attachment);
  const tell = useEffectEvent(onProblem);
  useEffect(() => {
    if (missing === "gone") tell(GONE);
  }, [missing]);
  return (
    <Chip
      name={attachment.name}
      detail={formatSize(attachment.size)}
      isPicture={isPicture(attachment)}
      bytes={bytes}
      problem={problem}
      onRemove={onRemove}
    />
  );
}
