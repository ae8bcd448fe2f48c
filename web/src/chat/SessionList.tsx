import { Pencil, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { SessionStatus, SessionSummary } from "../api/types";
import { IconButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import { formatAgo } from "../ui/format";
import { ListSearch, SEARCH_FROM } from "../ui/ListSearch";
import { RenameField } from "../ui/RenameField";
import { unlessLeft } from "../ui/unlessLeft";

/** As long as the server lets a title be. */
const TITLE_LIMIT = 100;

export interface SessionListProps {
  api: Api;
  appId: string;
  current: string | null;
  onOpen(sessionId: string): void;
  onRenamed(session: SessionSummary): void;
  /** False where the chat could not be deleted, which is said elsewhere. */
  onDelete(sessionId: string): Promise<boolean>;
  /** Closes what the list stands in. */
  close(): void;
}

const STATUS: Partial<Record<SessionStatus, string>> = {
  running: "running",
  waiting: "waits for you",
  interrupted: "interrupted",
  error: "ended with an error",
};

/** The earlier chats about this app: to open, to find, to rename and to delete. */
export default function SessionList(props: SessionListProps) {
  const { api, appId, current, onOpen, onRenamed, onDelete, close } = props;
  const [sessions, setSessions] = useState<SessionSummary[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<SessionSummary | null>(null);
  const [wanted, setWanted] = useState("");
  const list = useRef<HTMLUListElement>(null);

  useEffect(
    () => unlessLeft(api.listSessions(appId), setSessions, (reason) => setProblem(asApiError(reason).message)),
    [api, appId],
  );

  const remove = async (session: SessionSummary) => {
    try {
      if (!(await onDelete(session.sessionId))) return;
      // The button that was pressed goes with its chat; the focus does not.
      list.current?.focus();
      setSessions((known) => known?.filter((other) => other.sessionId !== session.sessionId) ?? null);
    } catch (reason) {
      setProblem(asApiError(reason).message);
    }
  };
  const rename = async (session: SessionSummary, title: string) => {
    const renamed = await api.renameSession(session.sessionId, title);
    setSessions((known) => known?.map((other) => (other.sessionId === renamed.sessionId ? renamed : other)) ?? null);
    onRenamed(renamed);
  };

  if (problem) return <p className="p-3 text-danger">{problem}</p>;
  if (!sessions) return <p className="p-3 text-muted">Loading</p>;
  if (sessions.length === 0) return <p className="p-3 text-muted">No chats about this app yet.</p>;
  const found = sessions.filter((session) => nameOf(session).toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <>
      {sessions.length >= SEARCH_FROM && <ListSearch label="Search chats" value={wanted} onChange={setWanted} />}
      <ul ref={list} tabIndex={-1} className="outline-none">
        {found.map((session) => (
          <SessionRow
            key={session.sessionId}
            session={session}
            isCurrent={session.sessionId === current}
            onOpen={() => {
              onOpen(session.sessionId);
              close();
            }}
            onRename={(title) => rename(session, title)}
            onDelete={() => setDoomed(session)}
          />
        ))}
      </ul>
      {found.length === 0 && <p className="p-2.5 text-muted">No chat is called that.</p>}
      {doomed && (
        <ConfirmDialog
          title="Delete this chat?"
          text={`“${nameOf(doomed)}” and its messages are removed for good. The app's files stay.`}
          action="Delete chat"
          onConfirm={() => void remove(doomed)}
          onClose={() => setDoomed(null)}
        />
      )}
    </>
  );
}

interface SessionRowProps {
  session: SessionSummary;
  isCurrent: boolean;
  onOpen(): void;
  onRename(title: string): Promise<void>;
  onDelete(): void;
}

function SessionRow({ session, isCurrent, onOpen, onRename, onDelete }: SessionRowProps) {
  const [renaming, setRenaming] = useState(false);
  const name = nameOf(session);
  const status = STATUS[session.status];
  if (renaming) {
    return (
      <li className="flex">
        <RenameField
          label="Title"
          maxLength={TITLE_LIMIT}
          name={session.title}
          onSubmit={onRename}
          onClose={() => setRenaming(false)}
        />
      </li>
    );
  }
  return (
    <li className="flex items-center gap-0.5">
      <button
        type="button"
        aria-current={isCurrent}
        onClick={onOpen}
        className="min-w-0 flex-1 rounded-lg px-2.5 py-1.5 text-left hover:bg-raised aria-[current=true]:bg-accent-soft"
      >
        <span className="block truncate">{name}</span>
        <span className="block text-xs text-muted">
          {formatAgo(session.updatedAt, Date.now())}
          {status ? `, ${status}` : ""}
        </span>
      </button>
      <IconButton label={`Rename chat ${name}`} className="max-md:size-11" onClick={() => setRenaming(true)}>
        <Pencil size={14} aria-hidden />
      </IconButton>
      <IconButton label={`Delete chat ${name}`} className="max-md:size-11" onClick={onDelete}>
        <Trash2 size={15} aria-hidden />
      </IconButton>
    </li>
  );
}

const nameOf = (session: SessionSummary) => session.title || "Untitled chat";
