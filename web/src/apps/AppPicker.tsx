import { Boxes, ChevronsUpDown, Pencil, Plus, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { App } from "../api/types";
import { Button, IconButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import { formatAgo } from "../ui/format";
import { ListSearch, SEARCH_FROM } from "../ui/ListSearch";
import { Popover } from "../ui/Popover";
import { RenameField } from "../ui/RenameField";

export const APP_NAME_LIMIT = 100;

interface AppPickerProps {
  apps: App[];
  current: App | null;
  onSelect(appId: string): void;
  onNew(): void;
  /** Gives an app another name; what it throws is shown. */
  onRename(app: App, name: string): Promise<void>;
  onDelete(app: App): void;
}

/** The name of the open app, and behind it all apps: to open, rename, delete, and to make another. */
export function AppPicker({ apps, current, onSelect, onNew, onRename, onDelete }: AppPickerProps) {
  const [doomed, setDoomed] = useState<App | null>(null);
  return (
    <>
      <Popover
        label="Apps"
        triggerLabel={`App: ${current?.name ?? "none"}. Switch app`}
        triggerClassName="flex h-9 max-w-full min-w-0 items-center gap-2 rounded-lg px-2.5 hover:bg-raised max-md:h-11"
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
            <AppList
              apps={apps}
              current={current}
              onSelect={(appId) => {
                onSelect(appId);
                close();
              }}
              onRename={onRename}
              onDelete={setDoomed}
            />
            <div className="sticky -bottom-1.5 bg-surface py-1.5">
              <Button
                kind="primary"
                className="w-full max-md:h-11"
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

type AppListProps = Omit<AppPickerProps, "onNew">;

function AppList({ apps, current, onSelect, onRename, onDelete }: AppListProps) {
  const [wanted, setWanted] = useState("");
  const [renaming, setRenaming] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const count = useRef(apps.length);
  useEffect(() => {
    // The button that was pressed has gone with its app; the focus goes to the others.
    if (apps.length < count.current && document.activeElement === document.body) list.current?.focus();
    count.current = apps.length;
  }, [apps]);
  const now = Date.now();
  const found = apps.filter((app) => app.name.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <>
      {apps.length >= SEARCH_FROM && <ListSearch label="Search apps" value={wanted} onChange={setWanted} />}
      <ul ref={list} tabIndex={-1} className="outline-none">
        {found.map((app) => (
          <li key={app.appId} className="flex items-center gap-0.5">
            {renaming === app.appId ? (
              <RenameField
                label="Name"
                maxLength={APP_NAME_LIMIT}
                name={app.name}
                onSubmit={(name) => onRename(app, name)}
                onClose={() => setRenaming(null)}
              />
            ) : (
              <>
                <button
                  type="button"
                  aria-current={app.appId === current?.appId}
                  onClick={() => onSelect(app.appId)}
                  className="min-w-0 flex-1 rounded-lg px-2.5 py-1.5 text-left hover:bg-raised aria-[current=true]:bg-accent-soft"
                >
                  <span className="block truncate">{app.name}</span>
                  <span className="block text-xs text-muted">changed {formatAgo(app.updatedAt, now)}</span>
                </button>
                <IconButton label={`Rename app ${app.name}`} onClick={() => setRenaming(app.appId)}>
                  <Pencil size={14} aria-hidden />
                </IconButton>
                <IconButton label={`Delete app ${app.name}`} onClick={() => onDelete(app)}>
                  <Trash2 size={15} aria-hidden />
                </IconButton>
              </>
            )}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="p-2.5 text-muted">No app is called that.</p>}
    </>
  );
}
