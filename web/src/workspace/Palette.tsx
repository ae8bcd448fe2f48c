import { Command } from "cmdk";
import { FileCode2, type LucideIcon, MessageSquare } from "lucide-react";
import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import type { SessionSummary } from "../api/types";
import { rankPaths } from "../files/quickOpen";
import { unlessLeft } from "../ui/unlessLeft";

export interface PaletteAction {
  label: string;
  icon: LucideIcon;
  hint?: string;
  run(): void;
}

interface PaletteProps {
  files: readonly string[];
  actions: readonly PaletteAction[];
  /** The earlier chats, asked for when the palette opens. */
  listChats(): Promise<SessionSummary[]>;
  onOpenFile(path: string): void;
  onOpenChat(sessionId: string): void;
  onClose(): void;
}

/** So many files are offered at most: a longer list cannot be looked through, and is slow to make. */
const MOST_FILES = 50;

/** Files, chats and actions behind one box to type in. */
export default function Palette({ files, actions, listChats, onOpenFile, onOpenChat, onClose }: PaletteProps) {
  const [typed, setTyped] = useState("");
  const [chats, setChats] = useState<SessionSummary[]>([]);
  // Files and actions are of use without the chats.
  useEffect(() => unlessLeft(listChats(), setChats), [listChats]);
  const act = (what: () => void) => () => {
    onClose();
    what();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-black/45" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-0 top-[12dvh] z-50 mx-auto w-[min(36rem,calc(100vw-1.5rem))] overflow-hidden rounded-2xl border border-line bg-surface shadow-2xl outline-none"
        >
          <Dialog.Title className="sr-only">Find files, chats and actions</Dialog.Title>
          <Command label="Find files, chats and actions" loop>
            <Command.Input
              value={typed}
              onValueChange={setTyped}
              placeholder="Find a file, a chat or an action"
              className="h-13 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-muted"
            />
            <Command.List className="max-h-[56dvh] overflow-y-auto p-2 text-[13px]">
              <Command.Empty className="p-6 text-center text-muted">Nothing is called that.</Command.Empty>
              <Section heading="Files">
                {rankPaths(files, typed, { limit: MOST_FILES }).map((path) => (
                  <Row key={path} value={`file ${path}`} icon={FileCode2} onSelect={act(() => onOpenFile(path))}>
                    <span className="truncate">{path.split("/").at(-1)}</span>
                    <span className="min-w-0 flex-1 truncate text-muted">{path.split("/").slice(0, -1).join("/")}</span>
                  </Row>
                ))}
              </Section>
              <Section heading="Actions">
                {actions.map(({ label, icon, hint, run }) => (
                  <Row key={label} value={`action ${label}`} icon={icon} onSelect={act(run)}>
                    <span className="min-w-0 flex-1 truncate">{label}</span>
                    {hint && <kbd className="font-sans text-xs text-muted">{hint}</kbd>}
                  </Row>
                ))}
              </Section>
              <Section heading="Chats">
                {chats.map(({ sessionId, title }) => (
                  <Row
                    key={sessionId}
                    value={`chat ${title} ${sessionId}`}
                    icon={MessageSquare}
                    onSelect={act(() => onOpenChat(sessionId))}
                  >
                    <span className="truncate">{title || "Untitled chat"}</span>
                  </Row>
                ))}
              </Section>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Section({ heading, children }: { heading: string; children: React.ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted"
    >
      {children}
    </Command.Group>
  );
}

interface RowProps {
  value: string;
  icon: LucideIcon;
  onSelect(): void;
  children: React.ReactNode;
}

function Row({ value, icon: Icon, onSelect, children }: RowProps) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex min-h-9 cursor-default items-center gap-2.5 rounded-lg px-2.5 data-[selected=true]:bg-raised max-md:min-h-11"
    >
      <Icon size={15} aria-hidden className="shrink-0 text-muted" />
      {children}
    </Command.Item>
  );
}
