import { createPortal } from "react-dom";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";

interface LinkDialogProps {
  address: URL;
  onClose(): void;
}

/** Asks before a long address is opened: what is in it reaches whoever it leads to. */
export default function LinkDialog({ address, onClose }: LinkDialogProps) {
  // Outside of the text, in whose paragraphs a dialog has no place.
  return createPortal(
    <Dialog title="Open this address?" onClose={onClose}>
      <p className="mt-2 text-muted">
        It leads to <strong className="break-all text-ink">{address.host}</strong>, which will see all of it. Open it
        only if nothing in it is meant to stay here.
      </p>
      <p
        dir="ltr"
        translate="no"
        role="note"
        aria-label="Address"
        className="mt-3 rounded-lg border border-line bg-raised p-2 font-mono text-xs break-all"
      >
        {address.href}
      </p>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose} autoFocus>
          Cancel
        </Button>
        <Button
          kind="primary"
          onClick={() => {
            window.open(address.href, "_blank", "noopener,noreferrer");
            onClose();
          }}
        >
          Open
        </Button>
      </div>
    </Dialog>,
    document.body,
  );
}
