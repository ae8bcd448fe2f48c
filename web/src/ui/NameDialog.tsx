import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { useNaming } from "./useNaming";

interface NameDialogProps {
  title: string;
  label: string;
  initial?: string;
  placeholder: string;
  maxLength: number;
  action: string;
  /** Does what the dialog is for; what it throws is shown, and the dialog stays. */
  onSubmit(name: string): Promise<void>;
  onClose(): void;
}

/** Asks for a name and does something with it. */
export function NameDialog(props: NameDialogProps) {
  const { title, label, initial = "", placeholder, maxLength, action, onSubmit, onClose } = props;
  const { typed, setTyped, busy, problem, isNew, submit } = useNaming({ initial, onSubmit, onClose });
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="mt-3"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label className="block text-[13px] text-muted">
          {label}
          <input
            autoFocus
            maxLength={maxLength}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            placeholder={placeholder}
            className="mt-1 h-10 w-full rounded-lg border border-line bg-paper px-3 text-sm text-ink placeholder:text-muted"
          />
        </label>
        {problem && (
          <p role="alert" className="mt-2 text-[13px] text-danger">
            {problem}
          </p>
        )}
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy || !isNew}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
