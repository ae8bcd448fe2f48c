import { CircleCheck, ExternalLink, GitBranch, GitMerge } from "lucide-react";
import type { Remote } from "../api/types";
import { SkippedFiles } from "./SkippedFiles";
import type { Pushed } from "./useRemote";

const SHORT_COMMIT = 7;

/** What a push has come to. */
export function PushResult({ pushed, remote }: { pushed: Pushed; remote: Remote }) {
  const { result, branch, commit, skipped, link } = pushed;
  const Icon = { pushed: CircleCheck, up_to_date: CircleCheck, merged: GitMerge, branch: GitBranch }[result];
  const words = {
    pushed: `Pushed to ${branch}.`,
    up_to_date: `${branch} has everything already.`,
    merged: `${branch} had other commits. They were merged into what was pushed; the app here stays as it is.`,
    branch: `${remote.branch} has other changes in the same lines. Your version was pushed to the branch ${branch}, where you can merge it.`,
  }[result];
  return (
    <div className="space-y-2">
      <div
        role="status"
        className={`flex flex-wrap items-start gap-x-2 gap-y-1 rounded-lg px-3 py-2 text-[13px] ${result === "branch" ? "bg-warn-soft text-warn" : "bg-accent-soft"}`}
      >
        <Icon size={15} aria-hidden className="mt-0.5 shrink-0" />
        <p className="min-w-0 flex-1 break-words">
          {words} {commit && <code className="font-mono text-xs opacity-80">{commit.slice(0, SHORT_COMMIT)}</code>}
        </p>
        {link && /^https?:/.test(link) && (
          <a
            href={link}
            target="_blank"
            rel="noopener noreferrer"
            className="inline-flex items-center gap-1 font-medium underline underline-offset-2 max-md:min-h-11"
          >
            Compare <ExternalLink size={13} aria-hidden />
          </a>
        )}
      </div>
      <SkippedFiles
        files={skipped.map((path) => ({ path }))}
        why={skipped.length === 1 ? "may hold a secret and was not sent" : "may hold secrets and were not sent"}
      />
    </div>
  );
}
