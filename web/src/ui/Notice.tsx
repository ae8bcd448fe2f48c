import type { ReactNode } from "react";

/** A line across the page, for what concerns all of it. */
export function Notice({ children }: { children: ReactNode }) {
  return (
    <div
      role="alert"
      className="flex items-center gap-3 border-b border-line bg-danger-soft px-4 py-2 text-[13px] text-danger"
    >
      {children}
    </div>
  );
}
