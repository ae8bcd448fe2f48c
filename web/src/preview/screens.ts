import { Maximize, Monitor, Smartphone, Tablet } from "lucide-react";
import type { Device } from "./store";
import type { Size } from "./useSize";

export const SCREENS: { device: Device; label: string; icon: typeof Monitor; width?: number; height?: number }[] = [
  { device: "fit", label: "Fill the pane", icon: Maximize },
  { device: "desktop", label: "Desktop", icon: Monitor, width: 1280 },
  { device: "tablet", label: "Tablet", icon: Tablet, width: 768, height: 1024 },
  { device: "phone", label: "Phone", icon: Smartphone, width: 390, height: 844 },
];

/** Around a frame that does not fill the pane, and above it for its size. In px. */
const MARGIN = 16;
const CAPTION = 28;
/** Nobody can read what is smaller; the pane scrolls instead. */
const MIN_SCALE = 0.25;

export interface FrameBox extends Size {
  scale: number;
}

/** The frame of a device in the room that the pane has: as wide as its screen, made smaller where it does not fit. */
export function frameBox(device: Device, room: Size): FrameBox {
  const screen = SCREENS.find((one) => one.device === device);
  if (!screen?.width) return { ...room, scale: 1 };
  const scale = Math.min(1, Math.max(MIN_SCALE, (room.width - 2 * MARGIN) / screen.width));
  const free = Math.max(200, (room.height - 2 * MARGIN - CAPTION) / scale);
  return { width: screen.width, height: Math.round(Math.min(screen.height ?? free, free)), scale };
}
