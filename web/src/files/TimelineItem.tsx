import { Sparkles, UserRound } from "lucide-react";
import { memo } from "react";
import type { Checkpoint } from "../api/types";
import { formatAgo } from "../ui/format";
import { LineCounts, sumOf } from "../ui/LineCounts";

interface TimelineItemProps {
  version: Checkpoint;
  now: number;
  isLatest: boolean;
  isSelected: boolean;
  onSelect(revision: number): void;
}

/** One version in the list. */
export const TimelineItem = memo(function TimelineItem(props: TimelineItemProps) {
  const { version, now, isLatest, isSelected, onSelect } = props;
  const { author, message, createdAt, changes } = version;
  const Icon = author === "ai" ? Sparkles : UserRound;
  return (
    <li>
      <button
        type="button"
        aria-current={isSelected ? "true" : undefined}
        onClick={() => onSelect(version.revision)}
        className="flex w-full gap-2.5 rounded-lg px-2.5 py-2 text-left hover:bg-raised @2xl:aria-[current=true]:bg-accent-soft"
      >
        <Icon size={15} aria-hidden className={`mt-0.5 shrink-0 ${author === "ai" ? "text-accent" : "text-muted"}`} />
        <span className="min-w-0 flex-1">
          <span className="line-clamp-2 text-[13px] leading-snug text-ink">{message || "No words"}</span>
          <span className="mt-0.5 flex flex-wrap gap-x-2 text-xs text-muted">
            <span>{author === "ai" ? "Claude" : "You"}</span>
            <span>{formatAgo(createdAt, now)}</span>
            <span>{changes.length === 1 ? "1 file" : `${changes.length} files`}</span>
            <LineCounts of={sumOf(changes)} />
            {isLatest && <span className="font-medium text-accent">current</span>}
          </span>
        </span>
      </button>
    </li>
  );
});
