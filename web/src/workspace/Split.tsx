import { type ReactNode, useLayoutEffect, useRef } from "react";
import { Group, type GroupImperativeHandle, Panel, Separator } from "react-resizable-panels";
import { isRecord } from "../api/errors";
import { storage } from "../ui/storage";

export interface SplitPart {
  id: string;
  content: ReactNode;
  shown: boolean;
  /** Its share beside the others, in per cent, until it is moved by hand. */
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

/**
 * Parts beside each other with handles between those that are shown. A part that is not shown keeps its state:
 * it stays mounted, behind the others.
 */
export function Split({ id, handleLabel, parts }: SplitProps) {
  const group = useRef<GroupImperativeHandle>(null);
  const shown = parts.filter((part) => part.shown);
  const arrangement = shown.map((part) => part.id).join("+");
  const key = `split:${id}:${arrangement}`;

  const wanted = layoutOf(parts, recall(key, shown));
  // The parts change their number with the width of the window and with the view; each arrangement has places of its own.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a moved handle alone must not lay out anew
  useLayoutEffect(() => {
    group.current?.setLayout(wanted);
  }, [arrangement]);

  return (
    <Group
      groupRef={group}
      id={id}
      defaultLayout={wanted}
      className="h-full min-h-0 w-full"
      onLayoutChanged={(layout, { isUserInteraction }) => {
        if (isUserInteraction) storage.setItem(key, JSON.stringify(layout));
      }}
    >
      {parts.flatMap((part, at) => {
        const next = parts.slice(at + 1).some((other) => other.shown);
        return [
          <Panel
            key={part.id}
            id={part.id}
            collapsible
            collapsedSize={0}
            minSize={part.shown ? part.min : 0}
            disabled={!part.shown}
            className="min-h-0"
            // What is in a part scrolls in its own boxes. The library's own "auto" made the part scroll while it was laid out anew.
            style={{ overflow: "hidden" }}
          >
            {/* Not shown, it keeps its size, and so where it was scrolled to. */}
            <div
              inert={!part.shown}
              className={part.shown ? "h-full min-h-0" : "invisible absolute inset-0 overflow-hidden"}
            >
              {part.content}
            </div>
          </Panel>,
          ...(at < parts.length - 1
            ? [
                <Separator
                  key={`${part.id}-handle`}
                  aria-label={handleLabel}
                  disabled={!part.shown || !next}
                  className={
                    part.shown && next
                      ? "group relative z-10 w-px shrink-0 bg-line outline-none hover:bg-accent focus-visible:bg-accent active:bg-accent"
                      : "hidden"
                  }
                >
                  {/* Pressed, it covers the frames, which keep what is moved over them. */}
                  <span
                    aria-hidden
                    className="absolute inset-y-0 -left-px w-[3px] bg-accent opacity-0 transition-opacity group-active:before:fixed group-active:before:inset-0 group-hover:opacity-100 group-focus-visible:opacity-100 group-active:opacity-100"
                  />
                </Separator>,
              ]
            : []),
        ];
      })}
    </Group>
  );
}

function layoutOf(parts: SplitPart[], known: Map<string, number>): Record<string, number> {
  const shown = parts.filter((part) => part.shown);
  const total = shown.reduce((sum, part) => sum + (known.get(part.id) ?? part.share), 0);
  return Object.fromEntries(
    parts.map((part) => [part.id, part.shown ? ((known.get(part.id) ?? part.share) * 100) / total : 0]),
  );
}

function recall(key: string, shown: SplitPart[]): Map<string, number> {
  try {
    const stored: unknown = JSON.parse(storage.getItem(key) ?? "null");
    if (!isRecord(stored)) return new Map();
    const sizes = shown.map((part): [string, unknown] => [part.id, stored[part.id]]);
    const valid = sizes.every((pair): pair is [string, number] => typeof pair[1] === "number" && pair[1] > 0);
    return valid ? new Map(sizes as [string, number][]) : new Map();
  } catch {
    return new Map();
  }
}
