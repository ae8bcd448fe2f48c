import { History } from "lucide-react";
import { lazy } from "react";
import type { Api } from "../api/client";
import type { SessionSummary } from "../api/types";
import { LazyPart } from "../ui/LazyPart";
import { Popover } from "../ui/Popover";

const SessionList = lazy(() => import("./SessionList"));

export interface SessionMenuProps {
  api: Api;
  appId: string;
  current: string | null;
  onOpen(sessionId: string): void;
  onRenamed(session: SessionSummary): void;
  /** False where the chat could not be deleted, which is said elsewhere. */
  onDelete(sessionId: string): Promise<boolean>;
}

/** The earlier chats about this app: to open, to find, to rename and to delete. */
export function SessionMenu(props: SessionMenuProps) {
  return (
    <Popover
      label="Chats about this app"
      triggerLabel="Chat history"
      trigger={<History size={17} aria-hidden />}
      triggerClassName="inline-flex size-8 items-center justify-center rounded-lg text-muted hover:bg-raised hover:text-ink max-md:size-11"
      align="right"
    >
      {(close) => (
        <LazyPart what="The list of chats" loading={<p className="p-3 text-muted">Loading</p>}>
          <SessionList {...props} close={close} />
        </LazyPart>
      )}
    </Popover>
  );
}
