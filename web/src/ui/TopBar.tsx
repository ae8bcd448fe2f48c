import { Monitor, Moon, Sun } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./Button";
import type { ThemeChoice } from "./theme";

interface TopBarProps {
  children: ReactNode;
  model: string | null;
  isDemoModel: boolean;
  themeChoice: ThemeChoice;
  onThemeChoice(choice: ThemeChoice): void;
}

const NEXT: Record<ThemeChoice, ThemeChoice> = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: Monitor, light: Sun, dark: Moon };

export function TopBar({ children, model, isDemoModel, themeChoice, onThemeChoice }: TopBarProps) {
  const Icon = ICONS[themeChoice];
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-paper px-2.5">
      <img src="/favicon.svg" alt="" className="ml-1 size-6" />
      <h1 className="font-semibold tracking-tight max-md:sr-only">AI Code</h1>
      <span aria-hidden className="mx-1 h-5 w-px bg-line max-md:hidden" />
      <div className="min-w-0">{children}</div>
      <div className="ml-auto flex min-w-0 items-center gap-2">
        {isDemoModel && (
          <span className="shrink-0 rounded-full bg-warn-soft px-2.5 py-0.5 text-xs font-medium text-warn">
            demo model
          </span>
        )}
        {model && (
          <span className="truncate font-mono text-xs text-muted max-md:hidden" title="Model of this chat">
            {model}
          </span>
        )}
        <IconButton
          label={`Theme: ${themeChoice}. Switch to ${NEXT[themeChoice]}`}
          onClick={() => onThemeChoice(NEXT[themeChoice])}
        >
          <Icon size={17} aria-hidden />
        </IconButton>
      </div>
    </header>
  );
}
