import { Button } from "./Button";

interface NoticeProps {
  text: string;
  /** What the button says. */
  action: string;
  onAction(): void;
}

/** A line across the page, for what concerns all of it. */
export function Notice({ text, action, onAction }: NoticeProps) {
  return (
    <div
      role="alert"
      className="flex items-center gap-3 border-b border-line bg-danger-soft px-4 py-2 text-[13px] text-danger"
    >
      <span className="min-w-0 flex-1">{text}</span>
      <Button onClick={onAction}>{action}</Button>
    </div>
  );
}
