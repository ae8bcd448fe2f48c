import { CircleCheck, ExternalLink, Globe, LoaderCircle, Rocket, Sparkles, Trash2, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { fixRequest } from "../problems/fixRequest";
import { ProblemList } from "../problems/ProblemList";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { ConfirmDialog } from "../ui/Dialog";
import { formatAgo, useNow } from "../ui/format";
import { PolicyChoice } from "./PolicyChoice";
import { SiteVersions } from "./SiteVersions";
import type { PolicyStore } from "./usePolicy";
import type { SiteStore } from "./useSite";

export interface SitePanelProps {
  store: SiteStore;
  policy: PolicyStore;
  /** The revision of the app as it is now. */
  revision: number;
  onOpenFile(path: string, line?: number, column?: number): void;
  onAskClaude(text: string): void;
}

/** The app on the web: whether it is there, where, in which version, and the ways to change that. */
export function SitePanel({ store, policy, revision, onOpenFile, onAskClaude }: SitePanelProps) {
  const { site, versions, status, busy, error, problems, done, before } = store;
  const [removing, setRemoving] = useState(false);
  if (status === "loading" && !busy) return <p className="working py-10 text-center text-muted">Looking up </p>;
  if (status === "failed" && !site) {
    return (
      <div role="alert" className="py-8 text-center">
        <p className="text-danger">{error}</p>
        <Button className="mt-3 max-md:h-11" onClick={() => void store.load()}>
          Try again
        </Button>
      </div>
    );
  }
  const hasChanged = site !== null && revision > site.revision;
  return (
    <div className="space-y-4">
      {site ? <Live store={store} hasChanged={hasChanged} /> : <NotPublished />}
      {done && (
        <p role="status" className="flex flex-wrap items-center gap-2 rounded-lg bg-accent-soft px-3 py-2 text-[13px]">
          <CircleCheck size={15} aria-hidden className="shrink-0 text-accent" />
          <span className="min-w-0 flex-1">{done}</span>
          {before !== null && before !== site?.version && (
            <Button busy={busy !== null} className="max-md:h-11" onClick={() => void store.makeLive(before)}>
              Undo
            </Button>
          )}
        </p>
      )}
      {error && (
        <div role="alert" className="overflow-hidden rounded-lg border border-danger/40">
          <div className="flex flex-wrap items-center gap-2 bg-danger-soft px-3 py-2 text-[13px] text-danger">
            <TriangleAlert size={15} aria-hidden className="shrink-0" />
            <span className="min-w-0 flex-1 break-words">{error}</span>
            {problems.length > 0 && (
              <Button className="max-md:h-11" onClick={() => onAskClaude(fixRequest(problems))}>
                <Sparkles size={14} aria-hidden /> Fix with Claude
              </Button>
            )}
          </div>
          {problems.length > 0 && (
            <div className="max-h-64 overflow-y-auto">
              <ProblemList label="Why the app cannot be built" problems={problems} onOpenFile={onOpenFile} />
            </div>
          )}
        </div>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          kind={site && !hasChanged ? "outline" : "primary"}
          className="h-10 px-4 text-sm max-md:h-11 max-md:flex-1"
          busy={busy !== null}
          onClick={() => void store.publish()}
        >
          {busy === "publish" ? (
            <LoaderCircle size={16} aria-hidden className="animate-spin" />
          ) : (
            <Rocket size={16} aria-hidden />
          )}
          {busy === "publish" ? "Publishing" : !site ? "Publish" : hasChanged ? "Publish the changes" : "Publish again"}
        </Button>
        {busy === "publish" && (
          <p role="status" className="min-w-0 flex-1 text-xs text-muted">
            Checking, building and publishing. You may close this.
          </p>
        )}
        {site && busy !== "publish" && (
          <Button kind="quiet" className="ms-auto max-md:h-11" busy={busy !== null} onClick={() => setRemoving(true)}>
            <Trash2 size={14} aria-hidden /> Take down
          </Button>
        )}
      </div>
      {site && <Indexed store={store} />}
      <SiteVersions versions={versions} busy={busy !== null} onMakeLive={(version) => void store.makeLive(version)} />
      <PolicyChoice store={policy} name="publish" legend="Claude may publish this app" />
      {removing && (
        <ConfirmDialog
          title="Take the app down?"
          text="Nobody can open it at its address any more. Its versions stay, so you can publish it again at any time."
          action="Take down"
          onConfirm={() => void store.takeDown()}
          onClose={() => setRemoving(false)}
        />
      )}
    </div>
  );
}

function NotPublished() {
  return (
    <div className="rounded-xl bg-raised px-5 py-6 text-center">
      <span className="mx-auto flex size-11 items-center justify-center rounded-full bg-surface text-muted">
        <Globe size={20} aria-hidden />
      </span>
      <h3 className="mt-3 font-serif text-base">Not published</h3>
      <p className="mx-auto mt-1 max-w-sm text-[13px] text-muted">
        Publishing builds the app and gives it an address of its own. Whoever has the address can open it, without
        signing in.
      </p>
    </div>
  );
}

function Live({ store: { site }, hasChanged }: { store: SiteStore; hasChanged: boolean }) {
  const now = useNow(30_000);
  if (!site) return null;
  return (
    <div className="rounded-xl border border-line p-4">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-[13px]">
        <span className="inline-flex items-center gap-1.5 font-medium text-accent">
          <span aria-hidden className="size-2 rounded-full bg-accent" /> Live
        </span>
        <span className="text-muted">{`version ${site.version}, published ${formatAgo(site.publishedAt, now)}`}</span>
      </p>
      <div className="mt-2.5 flex items-center gap-1 rounded-lg bg-raised py-1 ps-3 pe-1">
        <a
          href={site.url}
          target="_blank"
          rel="noopener noreferrer"
          className="min-w-0 flex-1 truncate font-mono text-[13px] text-accent hover:underline max-md:py-2.5"
        >
          {site.url}
        </a>
        <CopyButton label="Copy the address" text={() => site.url} className="max-md:p-3.5" />
        <a
          href={site.url}
          target="_blank"
          rel="noopener noreferrer"
          aria-label="Open the published app in a new tab"
          title="Open the published app in a new tab"
          className="rounded-md p-1.5 text-muted hover:bg-surface hover:text-ink max-md:p-3.5"
        >
          <ExternalLink size={14} aria-hidden />
        </a>
      </div>
      <p className={`mt-2.5 text-[13px] ${hasChanged ? "text-warn" : "text-muted"}`}>
        {hasChanged
          ? "The app has changed since. Visitors see the published version."
          : "This is the app as it is now."}
      </p>
    </div>
  );
}

function Indexed({ store: { site, busy, setIndexed } }: { store: SiteStore }) {
  if (!site) return null;
  return (
    <button
      type="button"
      role="switch"
      aria-checked={site.indexed}
      aria-disabled={busy !== null || undefined}
      onClick={() => busy === null && void setIndexed(!site.indexed)}
      className="flex w-full items-center gap-3 border-t border-line pt-4 text-left aria-disabled:opacity-60"
    >
      <span className="min-w-0 flex-1">
        <span className="block text-[13px] font-medium">Let search engines list it</span>
        <span className="block text-xs text-muted">
          {site.indexed ? "People can find it by searching." : "Only people who have the address find it."}
        </span>
      </span>
      <span
        aria-hidden
        className={`flex h-6 w-10 shrink-0 items-center rounded-full p-0.5 transition-colors ${site.indexed ? "bg-accent" : "bg-muted/60"}`}
      >
        <span
          className={`size-5 rounded-full bg-surface shadow-sm transition-transform ${site.indexed ? "translate-x-4" : ""}`}
        />
      </span>
    </button>
  );
}
