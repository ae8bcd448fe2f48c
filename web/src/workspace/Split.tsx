import { Fragment, type ReactNode, useRef, useState } from "react";
import { isRecord } from "../api/errors";
import { Handle } from "../ui/Handle";
import { storage } from "../ui/storage";

export interface SplitPart {
  id: string;
  content: ReactNode;
  shown: boolean;
  /** Its share beside the others until it is moved by hand. */
  share: number;
  /** Pixels below which it is not squeezed while it is shown. */
  min: number;
}

interface SplitProps {
  /** Under this name the places of the handles are remembered on this machine. */
  id: string;
  /** Says what each handle between two shown parts moves. */
  handleLabel: string;
  parts: SplitPart[];
}

/** Of each shown part, in relation to the others. */
type Shares = Record<string, number>;

/**
 * Parts beside each other with handles between those that are shown. A part that is not shown keeps its state:
 * it stays mounted, behind the others.
 */
export function Split({ id, handleLabel, parts }: SplitProps) {
  const row = useRef<HTMLDivElement>(null);
  const shown = parts.filter((part) => part.shown);
  // The parts change their number with the width of the window and with the view; each arrangement has places of its own.
  const key = `split:${id}:${shown.map((part) => part.id).join("+")}`;
  const [moved, setMoved] = useState<{ key: string; shares: Shares } | null>(null);
  const shares = (moved?.key === key ? moved.shares : recall(key, shown)) ?? ofParts(shown);

  /** The way to move the line behind a part, as far as neither side gets too narrow. */
  const take = (before: SplitPart, after: SplitPart) => {
    const sizes: Shares = { ...shares };
    for (const element of row.current?.children ?? []) {
      if (element instanceof HTMLElement && element.dataset.part) sizes[element.dataset.part] = element.offsetWidth;
    }
    const size = sizes[before.id] ?? 0;
    const both = size + (sizes[after.id] ?? 0);
    return (by: number) => {
      const first = Math.max(before.min, Math.min(both - after.min, size + by));
      const next = { ...sizes, [before.id]: first, [after.id]: both - first };
      storage.setItem(key, JSON.stringify(next));
      setMoved({ key, shares: next });
    };
  };
  const reset = () => {
    storage.removeItem(key);
    setMoved(null);
  };

  return (
    <div ref={row} className="relative flex h-full min-h-0 w-full">
      {parts.map((part) => {
        const next = part.shown && shown[shown.indexOf(part) + 1];
        const [share = 1, nextShare = 1] = [shares[part.id], next ? shares[next.id] : 1];
        return (
          <Fragment key={part.id}>
            {/* What is in a part scrolls in its own boxes. Not shown, it keeps a size, and so where it was scrolled to. */}
            <div
              data-part={part.shown ? part.id : undefined}
              inert={!part.shown}
              className={
                part.shown
                  ? "h-full min-h-0 shrink basis-0 overflow-hidden"
                  : "invisible absolute inset-0 overflow-hidden"
              }
              style={part.shown ? { flexGrow: share, minWidth: `min(${part.min}px, 100%)` } : {}}
            >
              {part.content}
            </div>
            {next && (
              <Handle
                label={handleLabel}
                orientation="vertical"
                value={(100 * share) / (share + nextShare)}
                onTake={() => take(part, next)}
                onReset={reset}
              />
            )}
          </Fragment>
        );
      })}
    </div>
  );
}

function ofParts(shown: SplitPart[]): Shares {
  return Object.fromEntries(shown.map((part) => [part.id, part.share]));
}

/** Where the handles were left; null where they were never moved. */
function recall(key: string, shown: SplitPart[]): Shares | null {
  try {
    const stored: unknown = JSON.parse(storage.getItem(key) ?? "null");
    if (!isRecord(stored)) return null;
    const valid = shown.every(({ id }) => typeof stored[id] === "number" && stored[id] > 0);
    return valid ? (stored as Shares) : null;
  } catch {
    return null;
  }
}
