/** What is said behind the name of a view. */

export function Badge({ text, name }: { text: string; name: string }) {
  return (
    <span className="rounded-full bg-danger-soft px-1.5 text-[11px] font-medium text-danger">
      {text}
      <span className="sr-only"> {name}</span>
    </span>
  );
}

export function Dot({ name }: { name: string }) {
  return (
    <span className="size-1.5 rounded-full bg-accent">
      <span className="sr-only">{name}</span>
    </span>
  );
}
