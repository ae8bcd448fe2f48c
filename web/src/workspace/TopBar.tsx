import type { ReactNode } from "react";

interface TopBarProps {
  /** The app, and the way to the others. */
  picker: ReactNode;
  /** What of the app is looked at. */
  center?: ReactNode;
  actions?: ReactNode;
}

/** The line across the top of the page. */
export function TopBar({ picker, center, actions }: TopBarProps) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-paper px-2.5">
      <img src="/favicon.svg" alt="" className="ml-1 size-6" />
      <h1 className="font-semibold tracking-tight max-lg:sr-only">AI Code</h1>
      <span aria-hidden className="mx-1 h-5 w-px bg-line max-lg:hidden" />
      <div className="min-w-0 shrink">{picker}</div>
      <div className="ml-auto flex min-w-0 shrink-0 items-center gap-1.5">
        {center}
        {actions}
      </div>
    </header>
  );
}

export function ModelName({ model, isDemo }: { model: string | null; isDemo: boolean }) {
  if (isDemo) {
    return (
      <span className="shrink-0 rounded-full bg-warn-soft px-2.5 py-0.5 text-xs font-medium text-warn max-lg:hidden">
        demo model
      </span>
    );
  }
  return (
    model && (
      <span className="max-w-48 truncate font-mono text-xs text-muted max-xl:hidden" title="Model of this chat">
        {model}
      </span>
    )
  );
}
