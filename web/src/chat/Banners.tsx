import { CircleAlert, Pencil, Play, PlayCircle, RotateCw, WifiOff, X } from "lucide-react";
import { Button, IconButton } from "../ui/Button";
import { formatSeconds, useNow } from "../ui/format";
import { Reference } from "../ui/Reference";
import type { ConnectionStatus } from "./connection";
import type { ChatError } from "./model";

interface ReconnectBannerProps {
  connection: ConnectionStatus;
  retryAt: number | null;
  /** True where a message has not arrived yet; false where an answer is on its way. */
  isSending: boolean;
  onRetryNow(): void;
}

const LOST = {
  offline: {
    message: "You are offline. Your message is sent when you are online again.",
    answer: "You are offline. Claude goes on meanwhile, and you see it when you are online again.",
  },
  reconnecting: {
    message: "The server cannot be reached. Your message is not sent yet.",
    answer: "Connection lost. The answer goes on and will be caught up.",
  },
  busy: {
    message: "Busy, trying again. Your message is not sent yet.",
    answer: "Busy, trying again. The answer goes on and will be caught up.",
  },
};

export function ReconnectBanner({ connection, retryAt, isSending, onRetryNow }: ReconnectBannerProps) {
  const counting = connection === "reconnecting" || connection === "busy";
  const now = useNow(250, counting);
  if (!counting && connection !== "offline") return null;
  const Icon = connection === "busy" ? RotateCw : WifiOff;
  const seconds = Math.max(0, Math.ceil(((retryAt ?? now) - now) / 1000));
  return (
    <div className="flex items-center gap-2.5 rounded-xl bg-warn-soft px-3 py-2 text-[13px] text-warn">
      <Icon size={16} aria-hidden className="shrink-0" />
      <p className="min-w-0 flex-1">
        <span role="status">{LOST[connection][isSending ? "message" : "answer"]}</span>{" "}
        {counting && (
          <span className="whitespace-nowrap tabular-nums" aria-hidden>
            {seconds > 0 ? `Next try in ${formatSeconds(seconds)}.` : "Trying now."}
          </span>
        )}
      </p>
      <Button className="max-md:h-11" onClick={onRetryNow}>
        Try now
      </Button>
    </div>
  );
}

interface ErrorBannerProps {
  error: ChatError;
  canRetry: boolean;
  onRetry(): void;
  /** Takes the message that was not sent into the box; absent where there is none. */
  onEdit?(): void;
  onContinue(): void;
  onNewChat(): void;
  onDismiss(): void;
}

/** What went wrong, and the way on from there: another try, another chat, or signing in again. */
export function ErrorBanner(props: ErrorBannerProps) {
  const { error, canRetry, onRetry, onEdit, onContinue, onNewChat, onDismiss } = props;
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
          <Button onClick={onRetry} disabled={seconds > 0} className="tabular-nums max-md:h-11">
            <RotateCw size={14} aria-hidden /> Try again{seconds > 0 ? ` in ${formatSeconds(seconds)}` : ""}
          </Button>
        )}
        {onEdit && (
          <Button className="max-md:h-11" onClick={onEdit}>
            <Pencil size={14} aria-hidden /> Edit
          </Button>
        )}
        {error.code === "step_limit" && <ContinueButton onContinue={onContinue} />}
        {(error.code === "session_expired" || error.code === "session_gone") && (
          <Button className="max-md:h-11" onClick={onNewChat}>
            Start a new chat
          </Button>
        )}
        {error.code === "unauthenticated" && (
          <Button className="max-md:h-11" onClick={() => window.location.reload()}>
            Reload
          </Button>
        )}
        {error.reference && <Reference id={error.reference} />}
      </div>
      <IconButton label="Dismiss" className="max-md:size-11" onClick={onDismiss}>
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
      <Button className="max-md:h-11" onClick={onContinue}>
        Continue
      </Button>
    </div>
  );
}

/** What is sent in the vendor's name to have a stopped answer go on. */
export const CONTINUE = "Continue where you stopped.";

/** After Stop: the way to have the answer go on. */
export function StoppedBar({ onContinue }: { onContinue(): void }) {
  return (
    <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-xs text-muted">
      <ContinueButton onContinue={onContinue} />
      <p>Sends “{CONTINUE}”</p>
    </div>
  );
}

function ContinueButton({ onContinue }: { onContinue(): void }) {
  return (
    <Button className="max-md:h-11" title={`Sends “${CONTINUE}”`} onClick={onContinue}>
      <Play size={14} aria-hidden /> Continue
    </Button>
  );
}
