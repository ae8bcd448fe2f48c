import type { Consent, Policy } from "../api/types";
import type { PolicyStore } from "./usePolicy";

const CHOICES: { consent: Consent; label: string; hint: string }[] = [
  { consent: "allow", label: "Always", hint: "Claude does it by itself when you ask for it." },
  { consent: "ask", label: "Ask me first", hint: "Claude waits for your yes each time." },
  { consent: "deny", label: "Never", hint: "Claude leaves it to you." },
];

interface PolicyChoiceProps {
  store: PolicyStore;
  name: keyof Policy;
  /** What it is about, as a sentence that the choice ends. */
  legend: string;
}

/** What Claude may do outside the app's files by itself. */
export function PolicyChoice({ store: { policy, error, choose }, name, legend }: PolicyChoiceProps) {
  const chosen = policy?.[name];
  return (
    <fieldset className="border-t border-line pt-4" disabled={!policy}>
      <legend className="float-left mb-2 w-full text-[13px] font-medium">{legend}</legend>
      <div className="clear-both flex rounded-[10px] bg-raised p-0.5">
        {CHOICES.map(({ consent, label }) => (
          <label
            key={consent}
            className="flex h-8 flex-1 cursor-pointer items-center justify-center rounded-lg px-2 text-[13px] text-muted has-checked:bg-surface has-checked:font-medium has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-accent max-md:h-11"
          >
            <input
              type="radio"
              name={`policy-${name}`}
              checked={chosen === consent}
              onChange={() => void choose({ [name]: consent })}
              className="sr-only"
            />
            {label}
          </label>
        ))}
      </div>
      <p className="mt-1.5 text-xs text-muted">{CHOICES.find(({ consent }) => consent === chosen)?.hint}</p>
      {error && (
        <p role="alert" className="mt-1 text-xs text-danger">
          {error}
        </p>
      )}
    </fieldset>
  );
}
