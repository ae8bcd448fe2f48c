import { Check, Copy } from "lucide-react";
import { useState } from "react";

interface CopyButtonProps {
  label: string;
  text(): string;
  className?: string;
}

/** Puts a text on the clipboard, and says so for a moment. */
export function CopyButton({ label, text, className = "" }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch {
      // The browser does not let this page use the clipboard: nothing is shown as copied.
    }
  };
  return (
    <button
      type="button"
      aria-label={copied ? "Copied" : label}
      title={label}
      onClick={() => void copy()}
      className={`shrink-0 rounded-md p-1.5 text-muted hover:bg-raised hover:text-ink ${className}`}
    >
      {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
    </button>
  );
}
