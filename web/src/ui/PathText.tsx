/** A path in one line: where there is no room for all of it, its folders give way and the file's name stays. */
export function PathText({ path, className = "" }: { path: string; className?: string }) {
  const cut = path.lastIndexOf("/") + 1;
  return (
    <span className={`flex min-w-0 font-mono ${className}`} title={path}>
      {cut > 0 && <span className="min-w-4 shrink-[99] truncate">{path.slice(0, cut)}</span>}
      <span className="min-w-0 truncate">{path.slice(cut)}</span>
    </span>
  );
}
