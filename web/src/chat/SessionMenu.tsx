import { History } from "lucide-react";
import { lazy } from "react";
import { LazyPart } from "../ui/LazyPart";
import { Popover } from "../ui/Popover";
import type { SessionListProps } from "./SessionList";

const importList = () => import("./SessionList");
const SessionList = lazy(importList);

/** A button, and behind it the earlier chats about this app. */
export function SessionMenu(props: Omit<SessionListProps, "close">) {
  return (
    <Popover
      label="Chats about this app"
      triggerLabel="Chat history"
      trigger={<History size={17} aria-hidden />}
      triggerClassName="inline-flex size-8 items-center justify-center rounded-lg text-muted hover:bg-raised hover:text-ink max-md:size-11"
      align="right"
      preload={importList}
    >
      {(close) => (
        <LazyPart what="The list of chats" loading={<p className="p-3 text-muted">Loading</p>}>
          <SessionList {...props} close={close} />
        </LazyPart>
      )}
    </Popover>
  );
}
