import { useCallback, useState } from "react";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { Policy } from "../api/types";

/** What Claude may do outside an app's files; null until it is known. */
export function usePolicy(api: Api, appId: string) {
  const [policy, setPolicy] = useState<Policy | null>(null);
  const [error, setError] = useState<string | null>(null);
  const load = useCallback(async () => {
    try {
      setPolicy((await api.call<{ policy: Policy }>("GET", [appId, "policy"])).policy);
    } catch (reason) {
      setError(asApiError(reason).message);
    }
  }, [api, appId]);
  /** Shown at once, and taken back where the server does not take it. */
  const choose = async (changed: Partial<Policy>) => {
    const before = policy;
    setError(null);
    setPolicy((known) => known && { ...known, ...changed });
    try {
      setPolicy((await api.call<{ policy: Policy }>("PUT", [appId, "policy"], changed)).policy);
    } catch (reason) {
      setPolicy(before);
      setError(`That was not changed. ${asApiError(reason).message}`);
    }
  };
  return { policy, error, load, choose };
}

export type PolicyStore = ReturnType<typeof usePolicy>;
