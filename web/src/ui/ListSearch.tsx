import { Search } from "lucide-react";

/** A list of so many entries is looked through by name. */
export const SEARCH_FROM = 7;

interface ListSearchProps {
  label: string;
  value: string;
  onChange(value: string): void;
}

/** The box above a list in a popover that narrows it down. */
export function ListSearch({ label, value, onChange }: ListSearchProps) {
  return (
    <label className="sticky -top-1.5 z-10 -mx-1.5 -mt-1.5 mb-1 flex items-center gap-2 border-b border-line bg-surface px-4 py-1">
      <Search size={14} aria-hidden className="shrink-0 text-muted" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-9 min-w-0 flex-1 bg-transparent text-sm outline-none placeholder:text-muted max-md:h-11 max-md:text-base"
      />
    </label>
  );
}
