import { ArrowUpFromLine, Download, LoaderCircle, Package, Unplug } from "lucide-react";
import { useState } from "react";
import { Button, buttonLook } from "../ui/Button";
import { ConfirmDialog } from "../ui/Dialog";
import { formatAgo, useNow } from "../ui/format";
import { PolicyChoice } from "./PolicyChoice";
import { PushResult } from "./PushResult";
import { RemoteFields } from "./RemoteFields";
import type { PolicyStore } from "./usePolicy";
import type { RemoteStore } from "./useRemote";

interface GitPanelProps {
  store: RemoteStore;
  policy: PolicyStore;
  /** The revision of the app as it is now. */
  revision: number;
  zipUrl: string;
  bundleUrl: string;
}

/** The app's history for git: to take along, and to push to a repository of one's own. */
export function GitPanel({ store, policy, revision, zipUrl, bundleUrl }: GitPanelProps) {
  const { remote, status, busy, error, pushed, editing } = store;
  if (status === "loading") return <p className="working py-10 text-center text-muted">Looking up </p>;
  if (status === "failed") {
    return (
      <div role="alert" className="py-8 text-center">
        <p className="text-danger">{error}</p>
        <Button className="mt-3 max-md:h-11" onClick={() => void store.load()}>
          Try again
        </Button>
      </div>
    );
  }
  return (
    <div className="space-y-4">
      {remote && !editing ? <Connected store={store} revision={revision} /> : <Connect store={store} />}
      {error && (
        <p role="alert" className="rounded-lg bg-danger-soft px-3 py-2 text-[13px] break-words text-danger">
          {error}
        </p>
      )}
      {pushed && remote && <PushResult pushed={pushed} remote={remote} />}
      {busy === "push" && (
        <p role="status" className="text-xs text-muted">
          Sending the commits. You may close this.
        </p>
      )}
      <section aria-label="Download" className="border-t border-line pt-4">
        <h3 className="text-[13px] font-medium">Download with its history</h3>
        <p className="mt-0.5 text-xs text-muted">
          Each change is a commit. <code className="font-mono">git clone</code> takes the bundle as it is; the ZIP has
          the files, and the history in its <code className="font-mono">.git</code>.
        </p>
        <div className="mt-2.5 flex flex-wrap gap-2">
          <a href={bundleUrl} download="" className={`${buttonLook("outline")} max-md:h-11`}>
            <Package size={14} aria-hidden /> Git bundle
          </a>
          <a href={zipUrl} download="" className={`${buttonLook("outline")} max-md:h-11`}>
            <Download size={14} aria-hidden /> ZIP
          </a>
        </div>
      </section>
      <PolicyChoice store={policy} name="push" legend="Claude may push to the repository" />
    </div>
  );
}

function Connected({ store, revision }: { store: RemoteStore; revision: number }) {
  const { remote, busy } = store;
  const [leaving, setLeaving] = useState(false);
  const now = useNow(30_000);
  if (!remote) return null;
  const { pushedRevision, pushedAt } = remote;
  const isCurrent = pushedRevision === revision;
  return (
    <div className="rounded-xl border border-line p-4">
      <p className="font-mono text-[13px] break-all">{remote.url}</p>
      <p className="mt-1 text-[13px] text-muted">
        Branch <span className="font-mono text-ink">{remote.branch}</span>
        {", "}
        {pushedAt ? `last push ${formatAgo(pushedAt, now)}` : "nothing pushed yet"}
      </p>
      {pushedRevision !== undefined && !isCurrent && (
        <p className="mt-1 text-[13px] text-warn">The app has changed since.</p>
      )}
      <div className="mt-3.5 flex flex-wrap items-center gap-2">
        <Button
          kind={isCurrent ? "outline" : "primary"}
          className="h-10 px-4 text-sm max-md:h-11 max-md:flex-1"
          busy={busy !== null}
          onClick={() => void store.push()}
        >
          {busy === "push" ? (
            <LoaderCircle size={16} aria-hidden className="animate-spin" />
          ) : (
            <ArrowUpFromLine size={16} aria-hidden />
          )}
          {busy === "push" ? "Pushing" : "Push"}
        </Button>
        <Button className="ms-auto max-md:h-11" busy={busy !== null} onClick={() => store.edit(true)}>
          Change
        </Button>
        <Button kind="quiet" className="max-md:h-11" busy={busy !== null} onClick={() => setLeaving(true)}>
          <Unplug size={14} aria-hidden /> Disconnect
        </Button>
      </div>
      {leaving && (
        <ConfirmDialog
          title="Disconnect the repository?"
          text="The token is deleted here. What was pushed stays in the repository."
          action="Disconnect"
          onConfirm={() => void store.disconnect()}
          onClose={() => setLeaving(false)}
        />
      )}
    </div>
  );
}

function Connect({ store }: { store: RemoteStore }) {
  const { remote, busy, typed } = store;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void store.connect();
      }}
    >
      <p className="mb-3 text-[13px] text-muted">
        Connect a repository of yours, on GitHub, GitLab or any host that speaks git over HTTPS. Nothing of it is ever
        overwritten: what others pushed is merged, or your version goes to a branch of its own.
      </p>
      <RemoteFields
        value={typed}
        onChange={store.type}
        readOnly={busy !== null}
        autoFocus={remote !== null}
        branchHint="main"
        tokenHint="GitHub: a fine-grained token for this one repository, with “Contents: Read and write”. GitLab: a project access token with “write_repository”. It is kept encrypted and never shown again."
      />
      <div className="mt-4 flex justify-end gap-2">
        {remote && (
          <Button className="max-md:h-11" onClick={() => store.edit(false)}>
            Cancel
          </Button>
        )}
        <Button
          kind="primary"
          type="submit"
          className="max-md:h-11"
          busy={busy !== null}
          disabled={!typed.url.trim() || !typed.token.trim()}
        >
          {busy === "connect" && <LoaderCircle size={14} aria-hidden className="animate-spin" />}
          {busy === "connect" ? "Connecting" : "Connect"}
        </Button>
      </div>
    </form>
  );
}
