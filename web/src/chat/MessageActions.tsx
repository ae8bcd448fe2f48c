import type { ReactNode } from "react";

interface MessageActionsProps {
  children: ReactNode;
  always?: boolean;
  className?: string;
}

/** What can be done with a message: there for who points at it or comes by keyboard, always there for fingers. */
export function MessageActions({ children, always = false, className = "" }: MessageActionsProps) {
  const hidden =
    "opacity-0 transition-opacity group-focus-within/message:opacity-100 group-hover/message:opacity-100 pointer-coarse:opacity-100";
  return <div className={`flex min-h-7 items-center gap-0.5 ${always ? "" : hidden} ${className}`}>{children}</div>;
}
