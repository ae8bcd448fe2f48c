import type { ReactNode } from "react";

/** What an example would make, in a few strokes. */
export type Picture = "list" | "page" | "timer" | "dark" | "phone" | "words" | "search" | "colour" | "heading";

const FAINT = "fill-line";
const STRONG = "fill-accent";
const SOFT = "fill-accent-soft";

const STROKES: Record<Picture, ReactNode> = {
  list: (
    <>
      {[16, 28, 40].map((y) => (
        <g key={y}>
          <rect x="14" y={y} width="7" height="7" rx="2" className={y === 16 ? STRONG : FAINT} />
          <rect x="26" y={y + 2} width={y === 28 ? 24 : 34} height="3.5" rx="1.75" className={FAINT} />
        </g>
      ))}
    </>
  ),
  page: (
    <>
      <rect x="12" y="14" width="56" height="16" rx="3" className={SOFT} />
      <rect x="18" y="18" width="26" height="4" rx="2" className={STRONG} />
      <rect x="18" y="25" width="14" height="2.5" rx="1.25" className={FAINT} />
      {[12, 32, 52].map((x) => (
        <rect key={x} x={x} y="35" width="16" height="13" rx="3" className={FAINT} />
      ))}
    </>
  ),
  timer: (
    <>
      <circle cx="40" cy="31" r="16" className={SOFT} />
      <path d="M40 15 A16 16 0 0 1 53.9 39 L40 31 Z" className={STRONG} />
      <circle cx="40" cy="31" r="3" className="fill-surface" />
    </>
  ),
  dark: (
    <>
      <rect x="12" y="14" width="28" height="34" rx="4" className={SOFT} />
      <rect x="40" y="14" width="28" height="34" rx="4" className="fill-ink" />
      <path d="M40 22 a9 9 0 0 1 0 18 z" className="fill-surface" />
      <path d="M40 22 a9 9 0 0 0 0 18 z" className={STRONG} />
    </>
  ),
  phone: (
    <>
      <rect x="12" y="16" width="36" height="30" rx="4" className={FAINT} />
      <rect x="46" y="13" width="20" height="36" rx="5" className={STRONG} />
      <rect x="49" y="18" width="14" height="24" rx="2" className={SOFT} />
    </>
  ),
  words: (
    <>
      <rect x="14" y="15" width="38" height="12" rx="6" className={SOFT} />
      <rect x="28" y="33" width="38" height="14" rx="6" className={FAINT} />
      <rect x="34" y="38" width="24" height="3.5" rx="1.75" className={STRONG} />
    </>
  ),
  search: (
    <>
      <rect x="12" y="15" width="56" height="11" rx="5.5" className={SOFT} />
      <circle cx="20" cy="20.5" r="2.5" className={STRONG} />
      {[32, 39, 46].map((y) => (
        <rect key={y} x="12" y={y} width={y === 39 ? 36 : 48} height="3.5" rx="1.75" className={FAINT} />
      ))}
    </>
  ),
  colour: (
    <>
      <circle cx="30" cy="31" r="12" className={STRONG} />
      <circle cx="50" cy="31" r="12" className={SOFT} />
      <path d="M40 24.4 a12 12 0 0 1 0 13.2 a12 12 0 0 1 0 -13.2 z" className={FAINT} />
    </>
  ),
  heading: (
    <>
      <rect x="12" y="18" width="38" height="8" rx="3" className={STRONG} />
      <rect x="12" y="32" width="56" height="3.5" rx="1.75" className={FAINT} />
      <rect x="12" y="40" width="44" height="3.5" rx="1.75" className={FAINT} />
    </>
  ),
};

/** A small window with the picture in it. */
export default function ExamplePicture({ of }: { of: Picture }) {
  return (
    <svg viewBox="0 0 80 56" aria-hidden="true" className="h-14 w-20 shrink-0">
      <rect x="0.5" y="0.5" width="79" height="55" rx="8" className="fill-paper stroke-line" />
      {[8, 13, 18].map((x) => (
        <circle key={x} cx={x} cy="7" r="1.5" className={FAINT} />
      ))}
      {STROKES[of]}
    </svg>
  );
}
