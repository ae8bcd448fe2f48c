import { memo, useMemo, useRef } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import { CopyButton } from "../ui/CopyButton";
import { readGfm } from "./gfm";
import { splitBlocks } from "./splitBlocks";

/** Markdown that may still be growing. Nothing in it can run, load from elsewhere, or leave this page. */
export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => splitBlocks(text), [text]);
  return (
    <div className="prose min-w-0 break-words">
      {blocks.map((block, index) => (
        <Block key={index} text={block} />
      ))}
    </div>
  );
}

const Block = memo(function Block({ text }: { text: string }) {
  return (
    <div dir="auto">
      <ReactMarkdown
        remarkPlugins={[readGfm]}
        rehypePlugins={[rehypeSanitize]}
        urlTransform={safeUrl}
        components={COMPONENTS}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
});

/** Absolute http(s) and mailto addresses; anything else leads nowhere. */
export function safeUrl(url: string): string {
  return /^(?:https?:\/\/|mailto:)/i.test(url) ? url : "";
}

const COMPONENTS: Components = {
  a: ({ href, children }) =>
    href ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  img: ({ alt }) => <span className="text-muted">[image{alt ? `: ${alt}` : ""}]</span>,
  table: ({ children }) => (
    <div role="group" aria-label="Table" tabIndex={0} className="overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  input: ({ checked }) => (
    <input type="checkbox" checked={checked ?? false} readOnly disabled aria-label={checked ? "done" : "open"} />
  ),
};

function CodeBlock({ children }: { children?: React.ReactNode }) {
  const pre = useRef<HTMLPreElement>(null);
  return (
    <div className="relative" dir="ltr">
      <pre
        ref={pre}
        tabIndex={0}
        className="overflow-x-auto rounded-xl border border-line bg-paper p-3 pr-10 font-mono text-[12.5px] leading-relaxed"
      >
        {children}
      </pre>
      <CopyButton
        label="Copy code"
        text={() => pre.current?.textContent ?? ""}
        className="absolute top-2 right-2 bg-surface"
      />
    </div>
  );
}
