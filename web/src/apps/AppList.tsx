import { Pencil, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { App } from "../api/types";
import { IconButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import { formatAgo } from "../ui/format";
import { ListSearch, SEARCH_FROM } from "../ui/ListSearch";
import { RenameField } from "../ui/RenameField";
import { APP_NAME_LIMIT } from "./limits";

export interface AppListProps {
  apps: App[];
  current: App | null;
  onSelect(appId: string): void;
  /** Gives an app another name; what it throws is shown. */
  onRename(app: App, name: string): Promise<void>;
  onDelete(app: App): void;
}

/** All apps of the vendor: to find, open, rename and delete. */
export default function AppList({ apps, current, onSelect, onRename, onDelete }: AppListProps) {
  const [wanted, setWanted] = useState("");
  const [renaming, setRenaming] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<App | null>(null);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.querySelector<HTMLElement>("[aria-current=true]")?.focus(), []);
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
                <IconButton label={`Delete app ${app.name}`} onClick={() => setDoomed(app)}>
                  <Trash2 size={15} aria-hidden />
                </IconButton>
              </>
            )}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="p-2.5 text-muted">No app is called that.</p>}
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
