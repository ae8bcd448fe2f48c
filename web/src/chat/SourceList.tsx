import type { Source } from "../api/types";
import { OutsideLink } from "./OutsideLink";

/** Pages of the web, as links: those that an answer cites, or those that a tool found. */
export default function SourceList({ sources }: { sources: Source[] }) {
  return (
    <ul aria-label="Sources" className="space-y-0.5 text-xs">
      {sources.map(({ title, url }) => (
        <li key={url}>
          <OutsideLink url={url} label={title}>
            {title}
          </OutsideLink>
        </li>
      ))}
    </ul>
  );
}
