import { GitBranch, LoaderCircle } from "lucide-react";
import { useState } from "react";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { App } from "../api/types";
import { EMPTY_REMOTE, RemoteFields } from "../publish/RemoteFields";
import { SkippedFiles } from "../publish/SkippedFiles";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";

/** A file of the branch that the app does not have. */
interface Skipped {
  path: string;
  reason: string;
}

interface ImportDialogProps {
  api: Api;
  /** There is an app of these files now, to be opened. */
  onImported(app: App): void;
  onClose(): void;
}

/** Makes an app of a branch of a git repository. */
export default function ImportDialog({ api, onImported, onClose }: ImportDialogProps) {
  const [remote, setRemote] = useState(EMPTY_REMOTE);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [done, setDone] = useState<{ app: App; skipped: Skipped[] } | null>(null);

  const bringIn = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const { url, branch, token } = remote;
      const { app, skipped } = await api.call<{ app: App; skipped: Skipped[] }>("POST", ["import"], {
        url: url.trim(),
        ...(branch.trim() && { branch: branch.trim() }),
        ...(token.trim() && { token: token.trim() }),
      });
      if (skipped.length > 0) setDone({ app, skipped });
      else onClose();
      onImported(app);
    } catch (reason) {
      setProblem(asApiError(reason).message);
    } finally {
      setBusy(false);
    }
  };

  if (done) {
    return (
      <Dialog title={`${done.app.name} is here`} onClose={onClose}>
        <div className="mt-3">
          <SkippedFiles files={done.skipped} why="could not be brought in" />
        </div>
        <div className="mt-4 flex justify-end">
          <Button kind="primary" className="max-md:h-11" onClick={onClose} autoFocus>
            Open the app
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Import from Git" onClose={onClose}>
      <form
        className="mt-1"
        onSubmit={(event) => {
          event.preventDefault();
          void bringIn();
        }}
      >
        <p className="mb-4 text-[13px] text-muted">
          The files of one branch become a new app. The repository itself is not changed.
        </p>
        <RemoteFields
          value={remote}
          onChange={setRemote}
          readOnly={busy}
          autoFocus
          branchHint="its main branch"
          tokenHint="Only for a private repository. It needs the right to read the contents, and is not kept."
          optionalToken
        />
        {problem && (
          <p role="alert" className="mt-3 rounded-lg bg-danger-soft px-3 py-2 text-[13px] break-words text-danger">
            {problem}
          </p>
        )}
        <div className="mt-5 flex justify-end gap-2">
          <Button className="max-md:h-11" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" className="max-md:h-11" busy={busy} disabled={!remote.url.trim()}>
            {busy ? (
              <LoaderCircle size={14} aria-hidden className="animate-spin" />
            ) : (
              <GitBranch size={14} aria-hidden />
            )}
            {busy ? "Importing" : "Import"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
