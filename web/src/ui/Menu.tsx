import type { LucideIcon } from "lucide-react";
import { lazy, type ReactNode, useRef, useState } from "react";
import { LazyPart } from "./LazyPart";

export type MenuItem =
  | {
      label: string;
      icon?: LucideIcon;
      /** Shown at the end, e.g. "Ctrl+K". */
      hint?: string;
      disabled?: boolean;
      /** Of an item that is on or off, whether it is on. */
      checked?: boolean;
      onSelect(): void;
    }
  | { separator: true };

interface MenuProps {
  label: string;
  /** What the button shows. */
  children: ReactNode;
  className?: string;
  items: MenuItem[];
}

const importPanel = () => import("./MenuPanel");
const MenuPanel = lazy(importPanel);

/** A button that opens a menu of actions. The menu itself is loaded when somebody reaches for it. */
export function Menu({ label, children, className = "", items }: MenuProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const load = () => void importPanel().catch(() => undefined);
  return (
    <span className="relative inline-flex shrink-0">
      <button
        ref={button}
        type="button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        className={className}
        onPointerEnter={load}
        onFocus={load}
        onClick={() => setOpen(true)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {children}
      </button>
      {open && (
        <LazyPart what="The menu">
          <MenuPanel
            label={label}
            items={items}
            onClose={() => setOpen(false)}
            onClosed={() => button.current?.focus()}
          />
        </LazyPart>
      )}
    </span>
  );
}
