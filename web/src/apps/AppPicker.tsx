import { Boxes, ChevronsUpDown, GitBranch, Plus } from "lucide-react";
import { lazy } from "react";
import { Button } from "../ui/Button";
import { LazyPart } from "../ui/LazyPart";
import { Popover } from "../ui/Popover";
import type { AppListProps } from "./AppList";

const importList = () => import("./AppList");
const AppList = lazy(importList);

interface AppPickerProps extends AppListProps {
  onNew(): void;
  onImport(): void;
}

/** The name of the open app, and behind it all apps: to open, rename, delete, and to make or bring in another. */
export function AppPicker({ onNew, onImport, ...list }: AppPickerProps) {
  const name = list.current?.name;
  return (
    <Popover
      label="Apps"
      triggerLabel={`App: ${name ?? "none"}. Switch app`}
      triggerClassName="flex h-9 max-w-full min-w-0 items-center gap-2 rounded-lg px-2.5 hover:bg-raised max-md:h-11"
      trigger={
        <>
          <Boxes size={16} aria-hidden className="shrink-0 text-muted" />
          <span className="truncate font-medium">{name ?? "No app"}</span>
          <ChevronsUpDown size={14} aria-hidden className="shrink-0 text-muted" />
        </>
      }
      preload={importList}
    >
      {(close) => (
        <>
          <LazyPart what="The list of apps">
            <AppList
              {...list}
              onSelect={(appId) => {
                list.onSelect(appId);
                close();
              }}
            />
          </LazyPart>
          <div className="sticky -bottom-1.5 flex gap-1.5 bg-surface py-1.5">
            <Button
              kind="primary"
              className="flex-1 max-md:h-11"
              onClick={() => {
                close();
                onNew();
              }}
            >
              <Plus size={15} aria-hidden /> New App
            </Button>
            <Button
              className="max-md:h-11"
              onClick={() => {
                close();
                onImport();
              }}
            >
              <GitBranch size={14} aria-hidden /> Import from Git
            </Button>
          </div>
        </>
      )}
    </Popover>
  );
}
