import type { ReactNode } from "react";
import { useStore } from "zustand";
import type { Budget, Usage } from "../api/types";
import { formatDollars } from "../ui/format";
import type { Background, NotifyState } from "./background";

interface UsageDetailsProps {
  /** Of the open chat; null before its first answer. */
  usage: Usage | null;
  budget: Budget | null;
  /** True where little of the budget is left. */
  low: boolean;
  /** False where the model is a demo that costs nothing. */
  showCost: boolean;
  background: Background;
}

/** The figures of the chat and of the day, and the switch for notifications. */
export default function UsageDetails({ usage, budget, low, showCost, background }: UsageDetailsProps) {
  return (
    <div className="space-y-3 p-2 text-[13px]">
      <Section title="This chat">
        {usage ? (
          <dl className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-0.5">
            <Figure name="Tokens in" value={count(usage.inputTokens)} />
            <Figure name="From the cache" value={count(usage.cacheReadTokens + usage.cacheWriteTokens)} />
            <Figure name="Tokens out" value={count(usage.outputTokens)} />
            {showCost && <Figure name="Cost" value={formatDollars(usage.costUsd)} />}
          </dl>
        ) : (
          <p className="text-muted">Nothing yet.</p>
        )}
      </Section>
      {budget && <BudgetSection budget={budget} low={low} />}
      <NotifySwitch background={background} />
    </div>
  );
}

function BudgetSection({ budget, low }: { budget: Budget; low: boolean }) {
  const { usedTokens, limitTokens, resetsAt } = budget;
  if (!limitTokens) {
    return (
      <Section title="Today">
        <p>{count(usedTokens)} tokens used, of no limit.</p>
      </Section>
    );
  }
  return (
    <Section title="Today's budget">
      <meter
        aria-label="Today's budget"
        max={limitTokens}
        value={Math.min(usedTokens, limitTokens)}
        className="sr-only"
      />
      <div aria-hidden className="h-1.5 overflow-hidden rounded-full bg-raised">
        <div
          className={`h-full ${low ? "bg-warn" : "bg-accent"}`}
          style={{ width: `${Math.min(1, usedTokens / limitTokens) * 100}%` }}
        />
      </div>
      <p className="mt-1.5">
        {count(usedTokens)} of {count(limitTokens)} tokens used
      </p>
      <p className="text-muted">It starts anew at {timeOfDay(resetsAt)}.</p>
    </Section>
  );
}

const NOTIFY: Record<NotifyState, string> = {
  on: "Shown when an answer is ready and you look elsewhere.",
  off: "Shown when an answer is ready and you look elsewhere.",
  blocked: "Your browser blocks notifications of this page.",
  unsupported: "Your browser has no notifications.",
};

function NotifySwitch({ background }: { background: Background }) {
  const notify = useStore(background.view, (state) => state.notify);
  const possible = notify === "on" || notify === "off";
  return (
    <Section title="Notifications">
      <button
        type="button"
        role="switch"
        aria-checked={notify === "on"}
        disabled={!possible}
        onClick={() => void background.notify(notify !== "on")}
        className="group flex min-h-8 w-full items-center justify-between gap-3 text-left disabled:opacity-60 max-md:min-h-11"
      >
        Tell me when an answer is ready
        <span
          aria-hidden
          className="flex h-5 w-9 shrink-0 rounded-full bg-muted/50 p-0.5 transition-colors group-aria-checked:bg-accent"
        >
          <span className="size-4 rounded-full bg-surface transition-transform group-aria-checked:translate-x-4" />
        </span>
      </button>
      <p className="text-xs text-muted">{NOTIFY[notify]}</p>
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-muted">{title}</h3>
      {children}
    </section>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="text-right tabular-nums">{value}</dd>
    </>
  );
}

const count = (tokens: number) => tokens.toLocaleString();
const timeOfDay = (at: number) => new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
