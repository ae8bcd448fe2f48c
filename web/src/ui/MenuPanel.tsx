import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { MenuItem } from "./Menu";

interface MenuPanelProps {
  label: string;
  items: MenuItem[];
  onClose(): void;
  /** The menu has given the focus away; it belongs to its button again. */
  onClosed(): void;
}

/** The open menu of `Menu`, over the element that it stands in. */
export default function MenuPanel({ label, items, onClose, onClosed }: MenuPanelProps) {
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <DropdownMenu.Trigger asChild>
        <span aria-hidden tabIndex={-1} className="pointer-events-none absolute inset-0" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={label}
          align="end"
          sideOffset={6}
          collisionPadding={8}
          loop
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onClosed();
          }}
          className="z-50 max-h-[70dvh] min-w-52 overflow-y-auto rounded-xl border border-line bg-surface p-1.5 text-[13px] shadow-xl"
        >
          {items.map((item, at) =>
            "separator" in item ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: separators have nothing else to tell them apart
              <DropdownMenu.Separator key={`separator-${at}`} className="my-1.5 h-px bg-line" />
            ) : item.checked === undefined ? (
              <DropdownMenu.Item
                key={item.label}
                disabled={item.disabled}
                onSelect={() => {
                  // A dialog gives the focus back to what had it before: not to an item that is gone by then.
                  onClosed();
                  item.onSelect();
                }}
                className={ITEM}
              >
                <Face item={item} />
              </DropdownMenu.Item>
            ) : (
              <DropdownMenu.CheckboxItem
                key={item.label}
                checked={item.checked}
                disabled={item.disabled}
                onCheckedChange={item.onSelect}
                className={ITEM}
              >
                <Face item={item} />
                {item.checked && <Check size={15} aria-hidden className="text-accent" />}
              </DropdownMenu.CheckboxItem>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

type Action = Exclude<MenuItem, { separator: true }>;

const ITEM =
  "flex min-h-9 cursor-default items-center gap-2.5 rounded-lg px-2.5 outline-none select-none max-md:min-h-11 data-[disabled]:opacity-50 data-[highlighted]:bg-raised";

function Face({ item: { icon: Icon, label, hint } }: { item: Action }) {
  return (
    <>
      {Icon && <Icon size={15} aria-hidden className="shrink-0 text-muted" />}
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {hint && <span className="text-xs text-muted">{hint}</span>}
    </>
  );
}
