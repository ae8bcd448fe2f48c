import { CopyButton } from "../../ui/CopyButton";

/** Code as it is written, with its language and a button to copy it. */
export function CodeBlock({ language, text }: { language: string; text: string }) {
  return (
    <div dir="ltr" translate="no" className="overflow-hidden rounded-xl border border-line bg-paper">
      <div className="flex h-8 items-center justify-between border-b border-line bg-raised/60 pr-1 pl-3 text-xs text-muted">
        <span>{language || "code"}</span>
        <CopyButton label="Copy code" text={() => text} />
      </div>
      <pre tabIndex={0} className="overflow-x-auto p-3 font-mono text-[12.5px] leading-relaxed -outline-offset-2">
        <code>{text}</code>
      </pre>
    </div>
  );
}
