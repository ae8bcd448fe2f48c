import { X } from "lucide-react";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { Button, IconButton } from "./Button";

interface DialogProps {
  title: string;
  children: ReactNode;
  /** For something to look at: as wide as the window, with a button to close it. */
  wide?: boolean;
  onClose(): void;
}

/** A modal dialog: the browser's own, which keeps the focus inside, closes on Esc and gives it back. */
export function Dialog({ title, children, wide = false, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    // Closed while it is still in the document, or the browser could not give the focus back.
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // A press, not a click: selecting text in a field may well end outside.
      onPointerDown={(event) => event.target === dialog.current && onClose()}
      className={`${wide ? "max-w-[calc(100vw-2rem)]" : "w-[min(26rem,calc(100vw-2rem))]"} rounded-2xl border border-line bg-surface p-0 text-ink shadow-2xl`}
    >
      <div className="p-5">
        <div className="flex items-center gap-3">
          <h2 id={titleId} className={`min-w-0 flex-1 font-serif text-lg ${wide ? "truncate" : ""}`}>
            {title}
          </h2>
          {wide && (
            <IconButton label="Close" className="-me-2 max-md:size-11" onClick={onClose}>
              <X size={17} aria-hidden />
            </IconButton>
          )}
        </div>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmDialogProps {
  title: string;
  text: string;
  action: string;
  onConfirm(): void;
  onClose(): void;
}

export function ConfirmDialog({ title, text, action, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p className="mt-2 text-muted">{text}</p>
      <div className="mt-5 flex justify-end gap-2">
        <Button className="max-md:h-11" onClick={onClose} autoFocus>
          Keep it
        </Button>
        <Button
          kind="danger"
          className="max-md:h-11"
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
