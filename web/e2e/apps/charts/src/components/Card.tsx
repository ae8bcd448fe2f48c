import type { ReactNode } from "react";
import { cn } from "../lib/cn";

interface CardProps {
  icon: ReactNode;
  label: string;
  value: string;
  className?: string;
}

export function Card({ icon, label, value, className }: CardProps) {
  return (
    <section className={cn("rounded-xl bg-slate-50 p-4", "p-5", className)}>
      <div className="flex items-center gap-2 text-sm text-slate-600">
        {icon} {label}
      </div>
      <p className="mt-2 text-2xl font-semibold">{value}</p>
    </section>
  );
}
