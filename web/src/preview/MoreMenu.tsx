import { ArrowRight, Check, CircleStop, Ellipsis, ExternalLink } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { useStore } from "zustand";
import { IconButton } from "../ui/Button";
import { SCREENS } from "./screens";
import type { Device } from "./store";
import type { ToolbarProps } from "./Toolbar";

const ITEM =
  "flex min-h-8 cursor-default items-center gap-2 rounded-lg py-1 pr-3 pl-8 text-[13px] outline-none select-none data-disabled:opacity-50 data-highlighted:bg-raised max-md:min-h-11 relative";

/** What one does seldom with the running app, and on narrow screens also what has no room beside the address. */
export function MoreMenu({ store, preview, compact }: ToolbarProps) {
  const { route, device, status, autoFix } = useStore(store.view);
  return (
    // Not modal: what is behind stays in reach, and the page keeps its scrollbars.
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton label="More" className="max-md:size-11 data-[state=open]:bg-raised">
          <Ellipsis size={16} aria-hidden />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) w-72 overflow-y-auto rounded-xl border border-line bg-surface p-1.5 text-ink shadow-xl"
        >
          {compact && (
            <>
              <DropdownMenu.Item className={ITEM} disabled={!route.canGoForward} onSelect={() => preview?.forward()}>
                <Lead icon={ArrowRight} /> Forward
              </DropdownMenu.Item>
              <DropdownMenu.Item className={ITEM} disabled={!preview} onSelect={() => preview?.openInTab()}>
                <Lead icon={ExternalLink} /> Open in a new tab
              </DropdownMenu.Item>
              <Line />
              <DropdownMenu.Label className="px-2 py-1 text-xs text-muted">Width of the frame</DropdownMenu.Label>
              <DropdownMenu.RadioGroup value={device} onValueChange={(value) => store.setDevice(value as Device)}>
                {SCREENS.map(({ device: one, label, width }) => (
                  <DropdownMenu.RadioItem key={one} value={one} className={ITEM}>
                    <Mark />
                    {label}
                    {width && <span className="ml-auto text-xs text-muted tabular-nums">{width} px</span>}
                  </DropdownMenu.RadioItem>
                ))}
              </DropdownMenu.RadioGroup>
              <Line />
            </>
          )}
          <DropdownMenu.CheckboxItem checked={autoFix} onCheckedChange={store.setAutoFix} className={ITEM}>
            <Mark />
            <Explained text="When Claude leaves an error, it is sent back once for each of your messages.">
              Fix errors automatically
            </Explained>
          </DropdownMenu.CheckboxItem>
          <DropdownMenu.Item
            className={ITEM}
            disabled={!preview || status === "stopped"}
            onSelect={() => preview?.stop()}
          >
            <Lead icon={CircleStop} /> Stop the app
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Line() {
  return <DropdownMenu.Separator className="mx-1 my-1.5 h-px bg-line" />;
}

function Lead({ icon: Icon }: { icon: typeof Check }) {
  return <Icon size={14} aria-hidden className="absolute left-2.5 text-muted" />;
}

function Mark() {
  return (
    <DropdownMenu.ItemIndicator className="absolute left-2.5 text-accent">
      <Check size={14} aria-hidden />
    </DropdownMenu.ItemIndicator>
  );
}

function Explained({ text, children }: { text: string; children: ReactNode }) {
  return (
    <span className="py-0.5">
      {children}
      <span className="block text-xs leading-snug text-muted">{text}</span>
    </span>
  );
}
