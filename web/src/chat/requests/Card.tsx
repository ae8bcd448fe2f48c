import type { LucideIcon } from "lucide-react";
import { type ReactNode, useId } from "react";

interface CardProps {
  icon: LucideIcon;
  title: string;
  /** What went wrong with the answer. */
  problem: string | null;
  children: ReactNode;
}

/** Something that Claude waits for. */
export function Card({ icon: Icon, title, problem, children }: CardProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="rounded-xl border border-accent/60 bg-surface px-3.5 py-3 text-[13px] shadow-sm"
    >
      <h3 id={id} className="mb-1.5 flex items-start gap-2 font-medium">
        <Icon size={16} aria-hidden className="mt-0.5 shrink-0 text-accent" />
        <span className="min-w-0 break-words">{title}</span>
      </h3>
      {children}
      {problem && (
        <p role="alert" className="mt-2 text-danger">
          {problem}
        </p>
      )}
    </section>
  );
}
