import { Globe } from "lucide-react";
import type { Source } from "../api/types";
import { OutsideLink } from "./OutsideLink";

/** Pages of the web, as links: those that an answer cites, or those that a tool found. */
export default function SourceList({ sources }: { sources: Source[] }) {
  return (
    <div className="text-xs">
      <p className="flex items-center gap-1.5 font-medium text-muted">
        <Globe size={14} aria-hidden /> Sources
      </p>
      <ul aria-label="Sources" className="mt-1.5 space-y-1.5">
        {sources.map(({ title, url }) => (
          <li key={url}>
            <OutsideLink url={url} label={title}>
              {title}
            </OutsideLink>
          </li>
        ))}
      </ul>
    </div>
  );
}
