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
