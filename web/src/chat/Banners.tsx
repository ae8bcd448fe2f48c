import { CircleAlert, PlayCircle, RotateCw, WifiOff, X } from "lucide-react";
import { Button, IconButton } from "../ui/Button";
import { formatSeconds, useNow } from "../ui/format";
import type { ConnectionStatus } from "./connection";
import type { ChatError } from "./model";

interface ReconnectBannerProps {
  connection: ConnectionStatus;
  retryAt: number | null;
  onRetryNow(): void;
}

export function ReconnectBanner({ connection, retryAt, onRetryNow }: ReconnectBannerProps) {
  const waiting = connection === "reconnecting" || connection === "offline";
  const now = useNow(250, waiting);
  if (!waiting) return null;
  const seconds = Math.max(0, Math.ceil(((retryAt ?? now) - now) / 1000));
  return (
    <div className="flex items-center gap-2.5 rounded-xl bg-warn-soft px-3 py-2 text-[13px] text-warn">
      <WifiOff size={16} aria-hidden className="shrink-0" />
      <p className="min-w-0 flex-1">
        <span role="status">
          {connection === "offline" ? "You are offline." : "Connection lost."} The answer goes on and will be caught up.
        </span>{" "}
        <span className="whitespace-nowrap tabular-nums" aria-hidden>
          {seconds > 0 ? `Next try in ${formatSeconds(seconds)}.` : "Trying now."}
        </span>
      </p>
      <Button onClick={onRetryNow}>Try now</Button>
    </div>
  );
}

interface ErrorBannerProps {
  error: ChatError;
  canRetry: boolean;
  onRetry(): void;
  onNewChat(): void;
  onDismiss(): void;
}

/** What went wrong, and the way on from there: another try, another chat, or signing in again. */
export function ErrorBanner({ error, canRetry, onRetry, onNewChat, onDismiss }: ErrorBannerProps) {
  const waits = error.retryAt !== undefined;
  const now = useNow(250, waits);
  const seconds = waits ? Math.max(0, Math.ceil(((error.retryAt ?? now) - now) / 1000)) : 0;
  // What broke inside the server may be worth another try, though nobody can promise it.
  const offered = canRetry && (error.retryable || error.code === "internal");
  return (
    <div
      role="alert"
      data-code={error.code}
      className="flex items-start gap-2.5 rounded-xl bg-danger-soft px-3 py-2 text-[13px] text-danger"
    >
      <CircleAlert size={16} aria-hidden className="mt-1.5 shrink-0" />
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-2">
        <p className="min-w-48 flex-1 py-1 break-words">{error.message}</p>
        {offered && (
          <Button onClick={onRetry} disabled={seconds > 0} className="tabular-nums">
            <RotateCw size={14} aria-hidden /> Try again{seconds > 0 ? ` in ${formatSeconds(seconds)}` : ""}
          </Button>
        )}
        {(error.code === "session_expired" || error.code === "session_gone") && (
          <Button onClick={onNewChat}>Start a new chat</Button>
        )}
        {error.code === "unauthenticated" && <Button onClick={() => window.location.reload()}>Reload</Button>}
      </div>
      <IconButton label="Dismiss" onClick={onDismiss}>
        <X size={15} aria-hidden />
      </IconButton>
    </div>
  );
}

export function InterruptedBanner({ onContinue }: { onContinue(): void }) {
  return (
    <div role="alert" className="flex items-center gap-2.5 rounded-xl bg-warn-soft px-3 py-2 text-[13px] text-warn">
      <PlayCircle size={16} aria-hidden className="shrink-0" />
      <p className="min-w-0 flex-1">This answer was interrupted. It can go on from its last finished step.</p>
      <Button onClick={onContinue}>Continue</Button>
    </div>
  );
}
