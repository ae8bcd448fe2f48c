import { History, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { SessionStatus, SessionSummary } from "../api/types";
import { IconButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import { formatAgo } from "../ui/format";
import { Popover } from "../ui/Popover";

interface SessionMenuProps {
  api: Api;
  appId: string;
  current: string | null;
  onOpen(sessionId: string): void;
  onDelete(sessionId: string): Promise<void>;
}

const STATUS: Partial<Record<SessionStatus, string>> = {
  running: "running",
  interrupted: "interrupted",
  error: "ended with an error",
};

/** The earlier chats about this app. */
export function SessionMenu(props: SessionMenuProps) {
  return (
    <Popover
      label="Chats about this app"
      triggerLabel="Chat history"
      trigger={<History size={17} aria-hidden />}
      triggerClassName="inline-flex size-8 items-center justify-center rounded-lg text-muted hover:bg-raised hover:text-ink"
      align="right"
    >
      {(close) => <SessionList {...props} close={close} />}
    </Popover>
  );
}

function SessionList({ api, appId, current, onOpen, onDelete, close }: SessionMenuProps & { close(): void }) {
  const [sessions, setSessions] = useState<SessionSummary[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<SessionSummary | null>(null);
  const list = useRef<HTMLUListElement>(null);

  useEffect(() => {
    let left = false;
    api.listSessions(appId).then(
      (found) => !left && setSessions(found),
      (reason) => !left && setProblem(asApiError(reason).message),
    );
    return () => {
      left = true;
    };
  }, [api, appId]);

  const remove = async (session: SessionSummary) => {
    try {
      await onDelete(session.sessionId);
      // The button that was pressed goes with its chat; the focus does not.
      list.current?.focus();
      setSessions((known) => known?.filter((other) => other.sessionId !== session.sessionId) ?? null);
    } catch (reason) {
      setProblem(asApiError(reason).message);
    }
  };

  if (problem) return <p className="p-3 text-danger">{problem}</p>;
  if (!sessions) return <p className="p-3 text-muted">Loading</p>;
  if (sessions.length === 0) return <p className="p-3 text-muted">No chats about this app yet.</p>;
  const now = Date.now();
  return (
    <ul ref={list} tabIndex={-1} className="outline-none">
      {sessions.map((session) => (
        <li key={session.sessionId} className="group flex items-center gap-1">
          <button
            type="button"
            aria-current={session.sessionId === current}
            onClick={() => {
              onOpen(session.sessionId);
              close();
            }}
            className="min-w-0 flex-1 rounded-lg px-2.5 py-1.5 text-left hover:bg-raised aria-[current=true]:bg-accent-soft"
          >
            <span className="block truncate">{session.title || "Untitled chat"}</span>
            <span className="block text-xs text-muted">
              {formatAgo(session.updatedAt, now)}
              {STATUS[session.status] ? `, ${STATUS[session.status]}` : ""}
            </span>
          </button>
          <IconButton label={`Delete chat ${session.title || "Untitled chat"}`} onClick={() => setDoomed(session)}>
            <Trash2 size={15} aria-hidden />
          </IconButton>
        </li>
      ))}
      {doomed && (
        <ConfirmDialog
          title="Delete this chat?"
          text={`“${doomed.title || "Untitled chat"}” and its messages are removed for good. The app's files stay.`}
          action="Delete chat"
          onConfirm={() => void remove(doomed)}
          onClose={() => setDoomed(null)}
        />
      )}
    </ul>
  );
}
