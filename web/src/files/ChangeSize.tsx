import type { FileDiff } from "../api/types";
import { formatSizes } from "../ui/format";
import { LineCounts } from "../ui/LineCounts";
import { countLines } from "./unifiedDiff";

/** How much of a file has changed: its lines, or where it has none its size. */
export function ChangeSize({ of }: { of: FileDiff }) {
  if (of.binary) return <span className="text-xs text-muted">{formatSizes(of)}</span>;
  return <LineCounts of={countLines(of.diff ?? "")} />;
}
