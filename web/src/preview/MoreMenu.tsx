import { ArrowRight, CircleStop, Ellipsis, ExternalLink, Sparkles } from "lucide-react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { ICON_BUTTON } from "../ui/Button";
import { Menu, type MenuItem } from "../ui/Menu";
import { SCREENS } from "./screens";
import type { ToolbarProps } from "./Toolbar";

/** What one does seldom with the running app, and on narrow screens also what has no room beside the address. */
export function MoreMenu({ store, preview, compact }: ToolbarProps) {
  const { route, device, status, autoFix } = useStore(
    store.view,
    useShallow(({ route, device, status, autoFix }) => ({ route, device, status, autoFix })),
  );
  const folded: MenuItem[] = [
    { label: "Forward", icon: ArrowRight, disabled: !route.canGoForward, onSelect: () => preview?.forward() },
    { label: "Open in a new tab", icon: ExternalLink, disabled: !preview, onSelect: () => preview?.openInTab() },
    { separator: true },
    ...SCREENS.map(({ device: one, label, icon, width }) => ({
      label,
      icon,
      hint: width ? `${width} px` : undefined,
      checked: device === one,
      onSelect: () => store.setDevice(one),
    })),
    { separator: true },
  ];
  const items: MenuItem[] = [
    ...(compact ? folded : []),
    {
      label: "Fix errors automatically",
      icon: Sparkles,
      hint: "once per message",
      checked: autoFix,
      onSelect: () => store.setAutoFix(!autoFix),
    },
    {
      label: "Stop the app",
      icon: CircleStop,
      disabled: !preview || status === "stopped",
      onSelect: () => preview?.stop(),
    },
  ];
  return (
    <Menu label="More for the preview" items={items} className={`${ICON_BUTTON} max-md:size-11`}>
      <Ellipsis size={16} aria-hidden />
    </Menu>
  );
}
