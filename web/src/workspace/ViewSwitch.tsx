import { CircleCheckBig, Code2, GitCompare, type LucideIcon, MonitorPlay } from "lucide-react";
import type { ReactNode } from "react";
import type { View } from "./place";

export interface CanvasView {
  id: Exclude<View, "chat">;
  label: string;
  icon: LucideIcon;
}

export const CANVAS_VIEWS: readonly CanvasView[] = [
  { id: "preview", label: "Preview", icon: MonitorPlay },
  { id: "code", label: "Code", icon: Code2 },
  { id: "changes", label: "Changes", icon: GitCompare },
  { id: "problems", label: "Problems", icon: CircleCheckBig },
];

interface ViewSwitchProps {
  chosen: View;
  /** What is said behind the name of a view, e.g. how many errors there are. */
  badges: ReadonlyMap<View, ReactNode>;
  onChoose(view: View): void;
}

/** What of the app the canvas shows. */
export function ViewSwitch({ chosen, badges, onChoose }: ViewSwitchProps) {
  return (
    <nav aria-label="Views" className="flex rounded-[10px] bg-raised p-0.5">
      {CANVAS_VIEWS.map(({ id, label, icon: Icon }) => (
        <button
          key={id}
          type="button"
          aria-current={chosen === id ? "page" : undefined}
          onClick={() => onChoose(id)}
          className="flex h-7 items-center gap-1.5 rounded-lg px-2.5 text-[13px] text-muted hover:text-ink aria-[current=page]:bg-surface aria-[current=page]:font-medium aria-[current=page]:text-ink aria-[current=page]:shadow-sm"
        >
          <Icon size={14} aria-hidden className="max-lg:hidden" />
          {label}
          {badges.get(id)}
        </button>
      ))}
    </nav>
  );
}
