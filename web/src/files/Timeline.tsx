import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { Button } from "../ui/Button";
import { useNow } from "../ui/format";
import type { CheckpointsStore } from "./checkpoints";
import { TimelineDetail } from "./TimelineDetail";
import { TimelineItem } from "./TimelineItem";

export interface TimelineProps {
  checkpoints: CheckpointsStore;
  /** The latest revision that is known; when it grows, the list is brought up to date. */
  revision: number;
  onOpenFile(path: string): void;
  /** Shows the app as it was then, where that can be done. */
  onPreview?(revision: number): void;
}

/** The versions of an app, newest first: what each has changed, and the way back to it. */
export function Timeline({ checkpoints, revision, onOpenFile, onPreview }: TimelineProps) {
  const { checkpoints: versions, status, hasMore, error } = useStore(checkpoints.view);
  const [selected, setSelected] = useState<number | null>(null);
  const [restored, setRestored] = useState<{ text: string; before: number } | null>(null);
  const now = useNow(60_000);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision is what there is to load
  useEffect(() => void checkpoints.load(), [checkpoints, revision]);

  const latest = versions[0];
  const chosen = versions.find((version) => version.revision === selected) ?? null;
  const wideChosen = chosen ?? latest;

  const undoRestore = async (before: number) => {
    setRestored(null);
    await checkpoints.restoreTo(before).catch(() => setRestored({ text: "That could not be undone.", before }));
  };

  return (
    <section aria-label="Changes" className="@container flex h-full min-h-0 flex-col bg-surface">
      {restored && (
        <div
          role="status"
          className="flex items-center gap-2 border-b border-line bg-accent-soft px-3 py-1.5 text-[13px]"
        >
          <p className="min-w-0 flex-1">{restored.text}</p>
          <Button onClick={() => void undoRestore(restored.before)}>Undo</Button>
          <Button kind="quiet" onClick={() => setRestored(null)}>
            Dismiss
          </Button>
        </div>
      )}
      <div className="flex min-h-0 flex-1">
        <div
          className={`min-h-0 w-full shrink-0 overflow-y-auto border-line @2xl:block @2xl:w-72 @2xl:border-r ${chosen ? "hidden" : ""}`}
        >
          {status === "loading" && <p className="p-4 text-muted">Loading</p>}
          {error && (
            <div role="alert" className="p-4 text-[13px] text-danger">
              <p>{error}</p>
              <Button className="mt-2" onClick={() => void checkpoints.load()}>
                Try again
              </Button>
            </div>
          )}
          {status === "ready" && versions.length === 0 && (
            <p className="p-4 text-[13px] text-muted">
              Nothing has changed yet. Each answer and each save makes a version here.
            </p>
          )}
          <ol className="p-1.5">
            {versions.map((version) => (
              <TimelineItem
                key={version.revision}
                version={version}
                now={now}
                isLatest={version === latest}
                isSelected={version === wideChosen}
                onSelect={setSelected}
              />
            ))}
          </ol>
          {hasMore && (
            <Button kind="quiet" className="mx-3 mb-3" onClick={() => void checkpoints.loadEarlier()}>
              Show earlier versions
            </Button>
          )}
        </div>
        {wideChosen && (
          <TimelineDetail
            key={wideChosen.revision}
            version={wideChosen}
            isLatest={wideChosen === latest}
            now={now}
            checkpoints={checkpoints}
            className={`min-w-0 flex-1 @2xl:flex ${chosen ? "flex" : "hidden"}`}
            onBack={() => setSelected(null)}
            onOpenFile={onOpenFile}
            onPreview={onPreview}
            onRestored={(before) => {
              setSelected(null);
              setRestored({ text: "All files are as they were in that version.", before });
            }}
          />
        )}
      </div>
    </section>
  );
}
