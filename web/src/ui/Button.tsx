import type { ComponentProps } from "react";

type Kind = "primary" | "quiet" | "outline" | "danger";

const KINDS: Record<Kind, string> = {
  primary: "bg-accent text-on-accent hover:brightness-110",
  outline: "border border-line bg-surface text-ink hover:bg-raised",
  quiet: "text-muted hover:bg-raised hover:text-ink",
  danger: "bg-danger text-paper hover:brightness-110",
};

export interface ButtonProps extends ComponentProps<"button"> {
  kind?: Kind;
  /** Does nothing for now; unlike one that is disabled, it keeps the focus. */
  busy?: boolean;
}

/** The look of a button, for links too. */
export const buttonLook = (kind: Kind) =>
  `inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-lg px-3 text-[13px] font-medium whitespace-nowrap transition-[background-color,filter] disabled:pointer-events-none disabled:opacity-50 aria-disabled:pointer-events-none aria-disabled:opacity-50 ${KINDS[kind]}`;

export function Button(props: ButtonProps) {
  const { kind = "outline", className = "", type = "button", busy = false, onClick, ...rest } = props;
  return (
    <button
      type={busy ? "button" : type}
      aria-disabled={busy || undefined}
      onClick={busy ? undefined : onClick}
      className={`${buttonLook(kind)} ${className}`}
      {...rest}
    />
  );
}

export interface IconButtonProps extends ComponentProps<"button"> {
  /** Said to assistive technology, and shown on hover. */
  label: string;
}

/** The look of an icon button, for links too. */
export const ICON_BUTTON =
  "inline-flex size-8 shrink-0 items-center justify-center rounded-lg text-muted transition-colors hover:bg-raised hover:text-ink disabled:pointer-events-none disabled:opacity-40";

export function IconButton({ label, className = "", ...rest }: IconButtonProps) {
  return <button type="button" aria-label={label} title={label} className={`${ICON_BUTTON} ${className}`} {...rest} />;
}
