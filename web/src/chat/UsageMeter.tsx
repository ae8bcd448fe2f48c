import { Gauge } from "lucide-react";
import { lazy, useEffect, useState } from "react";
import type { Api } from "../api/client";
import type { Budget, Usage } from "../api/types";
import { LazyPart } from "../ui/LazyPart";
import { Popover } from "../ui/Popover";
import { unlessLeft } from "../ui/unlessLeft";
import type { Background } from "./background";

const UsageDetails = lazy(() => import("./UsageDetails"));

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
        <LazyPart what="What was used">
          <UsageDetails usage={usage} budget={budget} low={low} showCost={showCost} background={background} />
        </LazyPart>
      )}
    </Popover>
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

const percent = (share: number) => `${Math.round(share * 100)} %`;
