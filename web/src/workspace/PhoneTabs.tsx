import { CircleCheckBig, Code2, MessageSquare, MonitorPlay, Square } from "lucide-react";
import type { ReactNode } from "react";
import type { View } from "./place";

const TABS = [
  { id: "chat", label: "Chat", icon: MessageSquare },
  { id: "preview", label: "Preview", icon: MonitorPlay },
  { id: "code", label: "Code", icon: Code2 },
  { id: "problems", label: "Problems", icon: CircleCheckBig },
] as const;

interface PhoneTabsProps {
  chosen: View;
  badges: ReadonlyMap<View, ReactNode>;
  onChoose(view: View): void;
}

/** The views of a small screen, which shows one at a time. */
export function PhoneTabs({ chosen, badges, onChoose }: PhoneTabsProps) {
  return (
    <nav aria-label="Views" className="flex shrink-0 border-t border-line bg-paper pb-[env(safe-area-inset-bottom)]">
      {TABS.map(({ id, label, icon: Icon }) => (
        <button
          key={id}
          type="button"
          aria-current={chosen === id || (id === "code" && chosen === "changes") ? "page" : undefined}
          onClick={() => onChoose(id)}
          className="relative flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs text-muted -outline-offset-2 aria-[current=page]:font-semibold aria-[current=page]:text-accent"
        >
          <Icon size={19} aria-hidden />
          <span className="flex items-center gap-1">
            {label}
            {badges.get(id)}
          </span>
        </button>
      ))}
    </nav>
  );
}

interface RunningPillProps {
  text: string;
  stopping: boolean;
  onStop(): void;
  onShow(): void;
}

/** Says on every view of a small screen that Claude is at work, and stops it. */
export function RunningPill({ text, stopping, onStop, onShow }: RunningPillProps) {
  return (
    <div className="pointer-events-none absolute inset-x-0 bottom-3 z-30 flex justify-center px-4">
      <div className="pointer-events-auto flex max-w-full items-center gap-1 rounded-full border border-line bg-surface p-1 pl-4 text-[13px] shadow-lg">
        <button type="button" onClick={onShow} className="working flex h-11 min-w-0 items-center gap-2">
          <span className="truncate">{text} </span>
        </button>
        <button
          type="button"
          onClick={onStop}
          disabled={stopping}
          className="inline-flex h-11 shrink-0 items-center gap-1.5 rounded-full bg-ink px-4 font-medium text-paper disabled:opacity-60"
        >
          <Square size={11} fill="currentColor" aria-hidden /> {stopping ? "Stopping" : "Stop"}
        </button>
      </div>
    </div>
  );
}
