/** A path in one line: where there is no room for all of it, its folders give way and the file's name stays. */
export function PathText({ path, className = "" }: { path: string; className?: string }) {
  const cut = path.lastIndexOf("/") + 1;
  return (
    <span className={`flex min-w-0 overflow-hidden font-mono ${className}`} title={path}>
      {cut > 0 && <span className="min-w-0 truncate">{path.slice(0, cut)}</span>}
      <span className="max-w-full shrink-0 truncate">{path.slice(cut)}</span>
    </span>
  );
}
