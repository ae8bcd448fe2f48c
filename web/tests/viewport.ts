/** Widths at which the page shows its parts beside each other, or one at a time. */
export const WIDE = 1720;
export const DESKTOP = 1440;
export const PHONE = 390;

/** Gives the window another width, as far as media queries are concerned. */
export function setViewport(width: number): void {
  (
    window as unknown as { happyDOM: { setViewport(size: { width: number; height: number }): void } }
  ).happyDOM.setViewport({ width, height: 900 });
}

/** Gives the machine a finger to point with, or a mouse. */
export function setTouch(touch: boolean): void {
  (
    window as unknown as { happyDOM: { settings: { navigator: { maxTouchPoints: number } } } }
  ).happyDOM.settings.navigator.maxTouchPoints = touch ? 1 : 0;
}
