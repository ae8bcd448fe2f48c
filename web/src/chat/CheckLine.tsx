import { ChevronRight, CircleCheck, TriangleAlert } from "lucide-react";
import { useContext } from "react";
import type { Check } from "../api/types";
import { checkWords } from "../problems/words";
import { formatDuration } from "../ui/format";
import { OpenProblemsContext } from "./checks";

/** How a check in an answer has ended, in a quiet line that leads to the list of problems. */
export default function CheckLine({ check }: { check: Check }) {
  const open = useContext(OpenProblemsContext);
  const hasNew = check.errors.some(({ known }) => !known);
  const Icon = check.errors.length === 0 ? CircleCheck : TriangleAlert;
  const line = (
    <>
      <Icon size={15} aria-hidden className={`shrink-0 ${check.ok ? "text-accent" : ""}`} />
      <span className="min-w-0">Checked: {checkWords(check)}</span>
    </>
  );
  const look = `flex items-center gap-1.5 text-left text-[13px] ${hasNew ? "text-danger" : "text-muted"}`;
  if (!open) return <p className={look}>{line}</p>;
  return (
    <button
      type="button"
      title={`Type check and build, ${formatDuration(check.durationMs)}`}
      onClick={open}
      className={`${look} -mx-1 rounded-md px-1 py-0.5 hover:bg-raised max-md:min-h-11`}
    >
      {line}
      <ChevronRight size={14} aria-hidden className="shrink-0 opacity-60" />
    </button>
  );
}
