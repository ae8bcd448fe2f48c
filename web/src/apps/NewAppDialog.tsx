import { useState } from "react";
import { asApiError } from "../api/errors";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";

interface NewAppDialogProps {
  onCreate(name: string): Promise<void>;
  onClose(): void;
}

export function NewAppDialog({ onCreate, onClose }: NewAppDialogProps) {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const create = async () => {
    setBusy(true);
    try {
      await onCreate(name.trim());
      onClose();
    } catch (reason) {
      setProblem(asApiError(reason).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title="New app" onClose={onClose}>
      <form
        className="mt-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) void create();
        }}
      >
        <label className="block text-[13px] text-muted" htmlFor="app-name">
          Name
        </label>
        <input
          id="app-name"
          autoFocus
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="Todo list"
          className="mt-1 h-10 w-full rounded-lg border border-line bg-paper px-3 placeholder:text-muted"
        />
        {problem && (
          <p role="alert" className="mt-2 text-[13px] text-danger">
            {problem}
          </p>
        )}
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={busy || !name.trim()}>
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
