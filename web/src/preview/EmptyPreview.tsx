import type { ReactNode } from "react";

interface EmptyPreviewProps {
  title: string;
  text: string;
  /** The picture moves while something is being made. */
  busy?: boolean;
  /** Shown only if it is not over in a blink. */
  late?: boolean;
  children?: ReactNode;
}

/** In place of an app that is not there yet: a picture of what will be, and a sentence. */
export function EmptyPreview({ title, text, busy = false, late = false, children }: EmptyPreviewProps) {
  return (
    <div
      className={`absolute inset-0 flex overflow-y-auto bg-paper p-6 *:m-auto ${late ? "transition-opacity delay-300 duration-200 starting:opacity-0" : ""}`}
    >
      <div className="flex max-w-sm flex-col items-center text-center">
        <Picture busy={busy} />
        <div role="status">
          <h2 className="mt-6 font-serif text-xl">{title}</h2>
          <p className="mt-1.5 text-muted">{text}</p>
        </div>
        {children && <div className="mt-4">{children}</div>}
      </div>
    </div>
  );
}

/** A small app in a window, in the colours of the theme. */
function Picture({ busy }: { busy: boolean }) {
  const block = busy ? "animate-pulse" : "";
  return (
    <svg
      viewBox="0 0 320 208"
      className="w-full max-w-[20rem] drop-shadow-[0_12px_24px_rgb(0_0_0/0.10)]"
      aria-hidden="true"
    >
      <rect x="0.5" y="0.5" width="319" height="207" rx="14" className="fill-surface stroke-line" />
      <path d="M0.5 34.5V14.5a14 14 0 0 1 14-14h291a14 14 0 0 1 14 14v20z" className="fill-raised stroke-line" />
      <circle cx="18" cy="17.5" r="4" className="fill-line" />
      <circle cx="32" cy="17.5" r="4" className="fill-line" />
      <circle cx="46" cy="17.5" r="4" className="fill-line" />
      <rect x="72" y="10" width="176" height="15" rx="7.5" className="fill-surface stroke-line" />
      <rect x="20" y="52" width="88" height="10" rx="5" className="fill-ink/75" />
      <rect x="20" y="70" width="132" height="6" rx="3" className="fill-muted/40" />
      <rect x="250" y="50" width="50" height="18" rx="9" className="fill-accent" />
      <g className={block}>
        <rect x="20" y="92" width="182" height="96" rx="9" className="fill-paper stroke-line" />
        <path
          d="M34 170l28-26 26 14 34-40 26 18 40-30"
          className="fill-none stroke-accent"
          strokeWidth="3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <path d="M34 170l28-26 26 14 34-40 26 18 40-30v70H34z" className="fill-accent/12" />
        <circle cx="122" cy="118" r="4.5" className="fill-surface stroke-accent" strokeWidth="2.5" />
      </g>
      <g className={block} style={{ animationDelay: "250ms" }}>
        <rect x="214" y="92" width="86" height="28" rx="8" className="fill-accent-soft" />
        <rect x="224" y="103" width="42" height="6" rx="3" className="fill-accent/70" />
      </g>
      <g className={block} style={{ animationDelay: "500ms" }}>
        <rect x="214" y="126" width="86" height="28" rx="8" className="fill-paper stroke-line" />
        <rect x="224" y="137" width="54" height="6" rx="3" className="fill-muted/45" />
      </g>
      <g className={block} style={{ animationDelay: "750ms" }}>
        <rect x="214" y="160" width="86" height="28" rx="8" className="fill-paper stroke-line" />
        <rect x="224" y="171" width="34" height="6" rx="3" className="fill-muted/45" />
      </g>
    </svg>
  );
}
