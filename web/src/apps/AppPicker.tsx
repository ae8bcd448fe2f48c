import { Boxes, ChevronsUpDown, Plus, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { App } from "../api/types";
import { Button, IconButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import { formatAgo } from "../ui/format";
import { Popover } from "../ui/Popover";

interface AppPickerProps {
  apps: App[];
  current: App | null;
  onSelect(appId: string): void;
  onNew(): void;
  onDelete(app: App): void;
}

export function AppPicker({ apps, current, onSelect, onNew, onDelete }: AppPickerProps) {
  const [doomed, setDoomed] = useState<App | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const now = Date.now();
  useEffect(() => {
    // The button that was pressed has gone with its app; the focus goes to the others.
    if (document.activeElement === document.body) list.current?.focus();
  }, [apps]);
  return (
    <>
      <Popover
        label="Apps"
        triggerLabel={`App: ${current?.name ?? "none"}. Switch app`}
        triggerClassName="flex h-9 max-w-full min-w-0 items-center gap-2 rounded-lg px-2.5 hover:bg-raised"
        trigger={
          <>
            <Boxes size={16} aria-hidden className="shrink-0 text-muted" />
            <span className="truncate font-medium">{current?.name ?? "No app"}</span>
            <ChevronsUpDown size={14} aria-hidden className="shrink-0 text-muted" />
          </>
        }
      >
        {(close) => (
          <>
            <ul ref={list} tabIndex={-1} className="outline-none">
              {apps.map((app) => (
                <li key={app.appId} className="flex items-center gap-1">
                  <button
                    type="button"
                    aria-current={app.appId === current?.appId}
                    onClick={() => {
                      onSelect(app.appId);
                      close();
                    }}
                    className="min-w-0 flex-1 rounded-lg px-2.5 py-1.5 text-left hover:bg-raised aria-[current=true]:bg-accent-soft"
                  >
                    <span className="block truncate">{app.name}</span>
                    <span className="block text-xs text-muted">changed {formatAgo(app.updatedAt, now)}</span>
                  </button>
                  <IconButton label={`Delete app ${app.name}`} onClick={() => setDoomed(app)}>
                    <Trash2 size={15} aria-hidden />
                  </IconButton>
                </li>
              ))}
            </ul>
            <div className="sticky -bottom-1.5 bg-surface py-1.5">
              <Button
                kind="primary"
                className="w-full"
                onClick={() => {
                  close();
                  onNew();
                }}
              >
                <Plus size={15} aria-hidden /> New App
              </Button>
            </div>
          </>
        )}
      </Popover>
      {doomed && (
        <ConfirmDialog
          title={`Delete ${doomed.name}?`}
          text="All of its files and chats are removed for good."
          action="Delete app"
          onConfirm={() => onDelete(doomed)}
          onClose={() => setDoomed(null)}
        />
      )}
    </>
  );
}
