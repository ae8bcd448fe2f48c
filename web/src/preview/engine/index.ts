import type { Preview, PreviewListener } from "../model";
import { Engine, type Options } from "./engine";

/** Runs an app's files in a frame that it puts into `host`. */
export function createPreview(host: HTMLElement, listener: PreviewListener, options: Options): Preview {
  return new Engine(host, listener, options);
}
