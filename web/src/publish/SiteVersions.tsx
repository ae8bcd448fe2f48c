import { useState } from "react";
import type { SiteVersion } from "../api/types";
import { Button } from "../ui/Button";
import { formatAgo, useNow } from "../ui/format";

interface SiteVersionsProps {
  versions: readonly SiteVersion[];
  busy: boolean;
  onMakeLive(version: number): void;
}

/** So many are shown at once; the others on request. */
const FEW = 4;

/** What was published, newest first, and the way back to it. */
export function SiteVersions({ versions, busy, onMakeLive }: SiteVersionsProps) {
  const [all, setAll] = useState(false);
  const now = useNow(30_000);
  if (versions.length === 0) return null;
  const ordered = versions.toSorted((a, b) => b.version - a.version);
  return (
    <section aria-label="Published versions" className="border-t border-line pt-4">
      <h3 className="text-[13px] font-medium">Versions</h3>
      <ol className="mt-1.5 divide-y divide-line">
        {(all ? ordered : ordered.slice(0, FEW)).map(({ version, publishedAt, live }) => (
          <li key={version} className="flex min-h-11 items-center gap-3 py-1.5 text-[13px]">
            <span className="min-w-0 flex-1">
              <span className="block">Version {version}</span>
              <span className="block text-xs text-muted">published {formatAgo(publishedAt, now)}</span>
            </span>
            {live ? (
              <span className="rounded-full bg-accent-soft px-2.5 py-0.5 text-xs font-medium text-accent">live</span>
            ) : (
              <Button className="max-md:h-11" busy={busy} onClick={() => onMakeLive(version)}>
                Make live<span className="sr-only"> version {version}</span>
              </Button>
            )}
          </li>
        ))}
      </ol>
      {!all && ordered.length > FEW && (
        <Button kind="quiet" className="mt-1 -ms-3 max-md:h-11" onClick={() => setAll(true)}>
          Show all {ordered.length} versions
        </Button>
      )}
    </section>
  );
}
