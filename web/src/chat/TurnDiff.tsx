import { useEffect, useState } from "react";
import { asApiError } from "../api/errors";
import type { Checkpoint, FileDiff } from "../api/types";
import type { CheckpointsStore } from "../files/checkpoints";
import { PathText } from "../ui/PathText";

/** What is shown of one file at most: somebody who reads on is better served by the editor. */
const LINES_SHOWN = 500;

interface TurnDiffProps {
  checkpoint: Checkpoint;
  checkpoints: CheckpointsStore;
}

/** The lines that a turn has changed, file by file. */
export default function TurnDiff({ checkpoint, checkpoints }: TurnDiffProps) {
  const [files, setFiles] = useState<FileDiff[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let left = false;
    checkpoints.diff(checkpoint).then(
      (found) => !left && setFiles(found),
      (reason) => !left && setProblem(asApiError(reason).message),
    );
    return () => {
      left = true;
    };
  }, [checkpoint, checkpoints]);
  if (problem) {
    return (
      <p role="alert" className="mt-2 text-xs text-danger">
        {problem}
      </p>
    );
  }
  if (!files) return <p className="mt-2 text-xs text-muted">Loading</p>;
  if (files.length === 0) return <p className="mt-2 text-xs text-muted">Nothing is left of these changes.</p>;
  return (
    <ul aria-label="Changed lines" className="mt-2 space-y-2">
      {files.map((file) => (
        <li key={file.path} className="overflow-hidden rounded-lg border border-line text-xs">
          <PathText path={file.path} className="border-b border-line bg-raised px-2 py-1 font-medium" />
          <Lines path={file.path} diff={file.diff} />
        </li>
      ))}
    </ul>
  );
}

const TONE: Record<string, string> = {
  "+": "bg-accent-soft text-accent",
  "-": "bg-danger-soft text-danger",
  "@": "text-muted",
};

function Lines({ path, diff }: { path: string; diff: string }) {
  // Without the two lines that name the file, and the empty one behind the last line feed.
  const lines = diff.replace(/\n$/, "").split("\n").slice(2);
  const rest = lines.length - LINES_SHOWN;
  return (
    <>
      <pre
        tabIndex={0}
        dir="ltr"
        aria-label={`Changed lines of ${path}`}
        className="max-h-80 overflow-auto py-1 font-mono leading-5 -outline-offset-2"
      >
        {lines.slice(0, LINES_SHOWN).map((line, index) => (
          <div key={index} className={`w-max min-w-full px-2 ${TONE[line[0] ?? ""] ?? ""}`}>
            {line || " "}
          </div>
        ))}
      </pre>
      {rest > 0 && <p className="border-t border-line px-2 py-1 text-muted">{rest.toLocaleString()} more lines</p>}
    </>
  );
}
