import { ChevronRight, ShieldQuestion } from "lucide-react";
import { type FormEvent, useId, useRef, useState } from "react";
import { Button } from "../../ui/Button";
import type { Request } from "../model";
import { Fields } from "../ToolDetails";
import { Card } from "./Card";
import { useAnswer } from "./useAnswer";
import { wantsTo } from "./words";

/** As long as the server lets a reason be, in characters. */
const REASON_LIMIT = 2000;

type Remember = "once" | "session" | "app";

const FIELD = "w-full min-w-0 rounded-lg border border-line bg-paper px-2.5 py-1.5 max-md:h-11 max-md:text-base";

/** Asks for the vendor's yes or no to a call that has an effect outside of the app. Enter alone allows nothing. */
export function ApprovalCard({ request }: { request: Extract<Request, { kind: "approval" }> }) {
  const { sending, problem, give } = useAnswer(request.id);
  const [remember, setRemember] = useState<Remember>("once");
  const [refusing, setRefusing] = useState(false);
  const [reason, setReason] = useState("");
  const refusal = useRef<HTMLButtonElement>(null);
  const ids = useId();
  const hasInput = Object.keys(request.input).length > 0;

  const lasting = remember === "once" ? {} : { remember };
  const allow = () => void give({ approved: true, ...lasting });
  const refuse = (event: FormEvent) => {
    event.preventDefault();
    const why = reason.trim();
    void give({ approved: false, ...lasting, ...(why ? { reason: why } : {}) });
  };
  const back = () => {
    setRefusing(false);
    requestAnimationFrame(() => refusal.current?.focus());
  };

  return (
    <Card icon={ShieldQuestion} title={`Claude asks to ${wantsTo(request.toolName)}`} problem={problem}>
      <p dir="auto" className="break-words">
        {request.summary}
      </p>
      {hasInput && (
        <details className="group/details mt-1.5">
          <summary className="flex w-max cursor-pointer list-none items-center gap-1 rounded text-xs text-muted hover:text-ink max-md:min-h-11">
            <ChevronRight size={13} aria-hidden className="transition-transform group-open/details:rotate-90" />
            Details
          </summary>
          <div className="mt-1 rounded-lg border border-line bg-paper">
            <Fields input={request.input} />
          </div>
        </details>
      )}
      {refusing ? (
        <form className="mt-3 space-y-2" onSubmit={refuse}>
          <label htmlFor={`${ids}-reason`} className="block text-xs text-muted">
            What Claude should know or do instead, if you like
          </label>
          <input
            id={`${ids}-reason`}
            // The button that was pressed has made place for it.
            // biome-ignore lint/a11y/noAutofocus: it is what was asked for
            autoFocus
            dir="auto"
            maxLength={REASON_LIMIT}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              event.stopPropagation();
              back();
            }}
            className={FIELD}
          />
          <div className="flex flex-wrap gap-2">
            <Button type="submit" kind="danger" className="max-md:h-11" aria-disabled={sending !== null}>
              {sending ? "Sending" : "Don't allow"}
            </Button>
            <Button kind="quiet" className="max-md:h-11" disabled={sending !== null} onClick={back}>
              Back
            </Button>
            <Lasts verb="Refuse" value={remember} disabled={sending !== null} onChange={setRemember} />
          </div>
        </form>
      ) : (
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <Button kind="primary" className="max-md:h-11" aria-disabled={sending !== null} onClick={allow}>
            {sending ? "Sending" : "Allow"}
          </Button>
          <Button ref={refusal} className="max-md:h-11" disabled={sending !== null} onClick={() => setRefusing(true)}>
            Don't allow
          </Button>
          <Lasts verb="Allow" value={remember} disabled={sending !== null} onChange={setRemember} />
        </div>
      )}
    </Card>
  );
}

interface LastsProps {
  verb: string;
  value: Remember;
  disabled: boolean;
  onChange(remember: Remember): void;
}

/** For how long the answer holds. */
function Lasts({ verb, value, disabled, onChange }: LastsProps) {
  return (
    <label className="flex min-w-0 items-center gap-1.5 text-xs text-muted max-md:w-full">
      <span className="shrink-0">{verb} it</span>
      <select
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value as Remember)}
        className="h-8 min-w-0 rounded-lg border border-line bg-surface px-1.5 text-ink max-md:h-11 max-md:flex-1"
      >
        <option value="once">this once</option>
        <option value="session">always in this chat</option>
        <option value="app">always for this app</option>
      </select>
    </label>
  );
}
