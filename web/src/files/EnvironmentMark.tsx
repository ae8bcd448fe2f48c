import { Lock } from "lucide-react";

/** `.env` and its kin, as the API tells them by their names. */
const ENVIRONMENT = /(^|\/)(\.env[^/]*|[^/]*\.env)$/i;

const SAID = "stays out of what is published and pushed";

/** Marks a file that holds settings of one's own; nothing for any other. */
export function EnvironmentMark({ path }: { path: string }) {
  if (!ENVIRONMENT.test(path)) return null;
  return (
    <span role="img" aria-label={SAID} title={SAID} className="shrink-0 text-muted">
      <Lock size={12} aria-hidden />
    </span>
  );
}
