import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

/** How near the panel comes to the edge of the window. */
const EDGE = 8;

interface PopoverProps {
  /** Name of the panel. */
  label: string;
  trigger: ReactNode;
  triggerLabel?: string;
  triggerClassName?: string;
  align?: "left" | "right";
  /** Loads what the panel holds, as soon as somebody reaches for the button. */
  preload?(): Promise<unknown>;
  children(close: () => void): ReactNode;
}

/** A button that discloses a panel; Esc, a click outside, or leaving it by keyboard close it again. */
export function Popover(props: PopoverProps) {
  const { label, trigger, triggerLabel, triggerClassName = "", align = "left", preload, children } = props;
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    panel.current?.querySelector<HTMLElement>("[aria-current=true], button, input")?.focus();
    const outside = (event: PointerEvent) => {
      const target = event.target as Element;
      if (!root.current?.contains(target) && !target.closest("dialog")) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  useLayoutEffect(() => {
    // Back into the window, where the button stands too near its edge.
    const element = panel.current;
    if (!open || !element) return;
    const { left, right } = element.getBoundingClientRect();
    const shift = Math.max(0, EDGE - left) - Math.max(0, right - (window.innerWidth - EDGE));
    if (shift !== 0) element.style.translate = `${shift}px 0`;
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  const load = () => void preload?.().catch(() => undefined);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens to what its button and its panel let through
    <div
      ref={root}
      className="relative min-w-0"
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) {
          event.stopPropagation();
          close();
        }
      }}
      onBlur={(event) => {
        const next = event.relatedTarget as Element | null;
        if (next && !root.current?.contains(next) && !next.closest("dialog")) setOpen(false);
      }}
    >
      <button
        ref={button}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={triggerLabel}
        title={triggerLabel}
        className={triggerClassName}
        onPointerEnter={load}
        onFocus={load}
        onClick={() => setOpen(!open)}
      >
        {trigger}
      </button>
      {open && (
        <div
          ref={panel}
          role="dialog"
          aria-label={label}
          className={`absolute top-full z-40 mt-1.5 max-h-[70dvh] w-[min(20rem,calc(100vw-1.5rem))] overflow-y-auto rounded-xl border border-line bg-surface p-1.5 shadow-xl ${align === "right" ? "right-0" : "left-0"}`}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}
