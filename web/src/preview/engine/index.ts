import type { Memory } from "../../ui/storage";
import type { Preview, PreviewListener } from "../model";
import { Engine } from "./engine";

/** Runs an app's files in a frame that it puts into `host`. */
export function createPreview(
  host: HTMLElement,
  listener: PreviewListener,
  options: { appId: string; memory: Memory; frameUrl?: string; route?: string },
): Preview {
  return new Engine(host, listener, options);
}
