import { ArrowLeft, ArrowRight, ExternalLink, RotateCw, SquareMousePointer, SquareTerminal } from "lucide-react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { IconButton } from "../ui/Button";
import { AddressField } from "./AddressField";
import { MoreMenu } from "./MoreMenu";
import type { Preview } from "./model";
import { SCREENS } from "./screens";
import { errorCount, type PreviewStore } from "./store";

export interface ToolbarProps {
  store: PreviewStore;
  preview: Preview | null;
  /** There is no room for everything: what is less important goes into the menu. */
  compact: boolean;
  onReload(): void;
  onPick(on: boolean): void;
}

/** Large enough for a finger where the page is narrow. */
const TARGET = "max-md:size-11 aria-pressed:bg-accent-soft aria-pressed:text-accent";

/** What one does with the running app: go about in it, size it, point at it, see its console. */
export function Toolbar(props: ToolbarProps) {
  const { store, preview, compact, onReload, onPick } = props;
  const { route, picking, consoleOpen, status } = useStore(
    store.view,
    useShallow(({ route, picking, consoleOpen, status }) => ({ route, picking, consoleOpen, status })),
  );
  const errors = useStore(store.view, errorCount);
  const idle = !preview;
  return (
    <div className="flex shrink-0 items-center gap-1 border-b border-line bg-paper px-2 py-1.5 max-md:gap-0 max-md:px-1 max-md:py-1">
      {(!compact || route.canGoBack) && (
        <IconButton label="Back" className={TARGET} disabled={idle || !route.canGoBack} onClick={() => preview?.back()}>
          <ArrowLeft size={16} aria-hidden />
        </IconButton>
      )}
      {!compact && (
        <IconButton
          label="Forward"
          className={TARGET}
          disabled={idle || !route.canGoForward}
          onClick={() => preview?.forward()}
        >
          <ArrowRight size={16} aria-hidden />
        </IconButton>
      )}
      <IconButton label="Reload the app" className={TARGET} disabled={idle} onClick={onReload}>
        <RotateCw size={15} aria-hidden className={status === "loading" && preview ? "animate-spin" : ""} />
      </IconButton>
      <div className="mx-1 flex min-w-0 flex-1">
        <AddressField path={route.path} disabled={idle} onGo={(path) => preview?.go(path)} />
      </div>
      {!compact && (
        <IconButton label="Open in a new tab" disabled={idle} onClick={() => preview?.openInTab()}>
          <ExternalLink size={15} aria-hidden />
        </IconButton>
      )}
      {!compact && <Screens store={store} />}
      <IconButton
        label="Select an element"
        aria-pressed={picking}
        className={TARGET}
        disabled={idle || status !== "running"}
        onClick={() => onPick(!picking)}
      >
        <SquareMousePointer size={16} aria-hidden />
      </IconButton>
      <IconButton
        label={errors > 0 ? `Console, ${errors} ${errors === 1 ? "error" : "errors"}` : "Console"}
        aria-pressed={consoleOpen}
        className={`relative ${TARGET}`}
        onClick={() => store.showConsole(!consoleOpen)}
      >
        <SquareTerminal size={16} aria-hidden />
        {errors > 0 && (
          <span
            aria-hidden
            className="absolute top-0 right-0 min-w-4 translate-x-0.5 -translate-y-0.5 rounded-full bg-danger px-1 text-center text-[10px] leading-4 font-semibold text-paper tabular-nums max-md:translate-x-[-4px] max-md:translate-y-[4px]"
          >
            {errors > 99 ? "99+" : errors}
          </span>
        )}
      </IconButton>
      <MoreMenu {...props} />
    </div>
  );
}

/** The widths of the frame, one of which holds. */
function Screens({ store }: { store: PreviewStore }) {
  const device = useStore(store.view, (state) => state.device);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div role="group" aria-label="Width of the frame" className="mx-1 flex rounded-lg bg-raised p-0.5">
      {SCREENS.map(({ device: one, label, icon: Icon, width }) => (
        <button
          key={one}
          type="button"
          aria-label={label}
          title={width ? `${label}, ${width} px` : label}
          aria-pressed={device === one}
          onClick={() => store.setDevice(one)}
          className="inline-flex h-7 w-8 items-center justify-center rounded-md text-muted transition-colors hover:text-ink aria-pressed:bg-surface aria-pressed:text-ink aria-pressed:shadow-sm"
        >
          <Icon size={15} aria-hidden />
        </button>
      ))}
    </div>
  );
}
