import { History } from "lucide-react";
import { lazy, useEffect, useState } from "react";
import type { ChatInbox } from "../chat/inbox";
import type { PreviewStore } from "../preview/store";
import { Button } from "../ui/Button";
import { LazyPart } from "../ui/LazyPart";
import type { ShownContents } from "./shownContents";

const importPane = () => import("../preview/PreviewPane");
const PreviewPane = lazy(importPane);

interface PreviewViewProps {
  appId: string;
  contents: ShownContents;
  store: PreviewStore;
  visible: boolean;
  working: boolean;
  /** Names the turn that runs or has run to its end, and nothing else. */
  turnKey: string;
  inbox: ChatInbox;
  /** What is run is an earlier version; null where it is the present one. */
  past: { title: string } | null;
  onLeavePast(): void;
  onOpenFile(path: string, line?: number, column?: number): void;
  /** The chat has something new from here, which one should see. */
  onChat(): void;
}

/** The running app, loaded after the chat. */
export function PreviewView(props: PreviewViewProps) {
  const { past, inbox, onLeavePast, onChat, ...pane } = props;
  const [wanted, setWanted] = useState(false);
  useEffect(() => {
    // The chat is there first; the app follows in the next moment.
    const timer = setTimeout(() => setWanted(true), 0);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="flex h-full min-h-0 flex-col">
      {past && (
        <div
          role="status"
          className="flex items-center gap-2 border-b border-line bg-warn-soft px-3 py-1.5 text-[13px] text-warn"
        >
          <History size={14} aria-hidden className="shrink-0" />
          <p className="min-w-0 flex-1 truncate">This is an earlier version: {past.title}</p>
          <Button onClick={onLeavePast}>Back to now</Button>
        </div>
      )}
      <div className="relative min-h-0 flex-1">
        {wanted && (
          <LazyPart what="The preview">
            <PreviewPane
              {...pane}
              onAskClaude={(text, automatic) => {
                inbox.send(text);
                if (!automatic) onChat();
              }}
              onPick={(reference) => {
                inbox.attach(reference);
                onChat();
              }}
            />
          </LazyPart>
        )}
      </div>
    </div>
  );
}
