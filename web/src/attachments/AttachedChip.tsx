import type { Attachment } from "../api/types";
import { formatSize } from "../ui/format";
import { isPicture } from "./attachment";
import { Chip } from "./Chip";
import { usePicture } from "./usePicture";

interface AttachedChipProps {
  attachment: Attachment;
  onRemove(): void;
}

/** An uploaded file that goes along with a message. */
export function AttachedChip({ attachment, onRemove }: AttachedChipProps) {
  const { bytes, missing } = usePicture(attachment);
  return (
    <Chip
      name={attachment.name}
      detail={formatSize(attachment.size)}
      isPicture={isPicture(attachment)}
      bytes={bytes}
      problem={missing === "gone" ? "It is not kept any more. Attach it again." : undefined}
      onRemove={onRemove}
    />
  );
}
