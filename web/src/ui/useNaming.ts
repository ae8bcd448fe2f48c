import { useState } from "react";
import { asApiError } from "../api/errors";

interface NamingOptions {
  initial: string;
  /** Does what the name is for; what it throws is shown, and one may try again. */
  onSubmit(name: string): Promise<void>;
  onClose(): void;
}

/** A name that is being typed: what it is so far, and the way to hand it in. */
export function useNaming({ initial, onSubmit, onClose }: NamingOptions) {
  const [typed, setTyped] = useState(initial);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const wanted = typed.trim();
  /** There is a name, and it is another than before. */
  const isNew = wanted !== "" && wanted !== initial;
  const submit = async () => {
    if (busy || !isNew) return;
    setBusy(true);
    try {
      await onSubmit(wanted);
      onClose();
    } catch (reason) {
      setProblem(asApiError(reason).message);
      setBusy(false);
    }
  };
  return { typed, setTyped, busy, problem, isNew, submit };
}
