interface PlainEditorProps {
  path: string;
  content: string;
  onChange(path: string, content: string): void;
}

/** A text box in place of the code editor, for small screens. */
export function PlainEditor({ path, content, onChange }: PlainEditorProps) {
  return (
    <textarea
      aria-label={`Contents of ${path}`}
      value={content}
      onChange={(event) => onChange(path, event.target.value)}
      spellCheck={false}
      autoCapitalize="off"
      autoCorrect="off"
      wrap="off"
      className="block h-full w-full resize-none bg-surface p-3.5 font-mono text-[13px] leading-5 -outline-offset-2"
    />
  );
}
