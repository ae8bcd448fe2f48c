import { Gauge } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { Api } from "../api/client";
import type { Budget, Usage } from "../api/types";
import { formatDollars } from "../ui/format";
import { Popover } from "../ui/Popover";
import { unlessLeft } from "../ui/unlessLeft";
import type { Background, NotifyState } from "./background";

/** From this share of the day's budget on, the meter warns. */
const LOW = 0.8;

interface UsageMeterProps {
  api: Api;
  /** Of the open chat; null before its first answer. */
  usage: Usage | null;
  /** False where the model is a demo that costs nothing. */
  showCost: boolean;
  /** The budget is read anew whenever a turn has ended. */
  isProcessing: boolean;
  background: Background;
}

/** What this chat has used, what of the day's budget is left, and whether to be told of answers. */
export function UsageMeter({ api, usage, showCost, isProcessing, background }: UsageMeterProps) {
  const budget = useBudget(api, isProcessing);
  const share = budget?.limitTokens ? Math.min(1, budget.usedTokens / budget.limitTokens) : null;
  const low = share !== null && share >= LOW;
  return (
    <Popover
      label="Usage and notifications"
      triggerLabel={low ? `Usage: ${percent(share)} of today's budget is used` : "Usage and notifications"}
      trigger={
        <>
          <Gauge size={17} aria-hidden />
          {low && <span className="text-xs font-medium">{percent(share)}</span>}
        </>
      }
      triggerClassName={`inline-flex h-8 min-w-8 items-center justify-center gap-1 rounded-lg px-1.5 hover:bg-raised max-md:h-11 max-md:min-w-11 ${low ? "text-warn" : "text-muted hover:text-ink"}`}
      align="right"
    >
      {() => (
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
          {budget && <BudgetSection budget={budget} share={share} low={low} />}
          <NotifySwitch background={background} />
        </div>
      )}
    </Popover>
  );
}

function BudgetSection({ budget, share, low }: { budget: Budget; share: number | null; low: boolean }) {
  const { usedTokens, limitTokens, resetsAt } = budget;
  if (limitTokens === null || share === null) {
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
        <div className={`h-full ${low ? "bg-warn" : "bg-accent"}`} style={{ width: `${share * 100}%` }} />
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

function useBudget(api: Api, isProcessing: boolean): Budget | null {
  const [budget, setBudget] = useState<Budget | null>(null);
  useEffect(() => {
    if (isProcessing) return;
    // Without it the chat works too; the last figure that is known stays.
    return unlessLeft(api.readBudget(), setBudget);
  }, [api, isProcessing]);
  return budget;
}

const count = (tokens: number) => tokens.toLocaleString();
const percent = (share: number | null) => `${Math.round((share ?? 0) * 100)} %`;
const timeOfDay = (at: number) => new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
