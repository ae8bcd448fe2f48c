import { useContext, useEffect, useRef, useState } from "react";
import { asApiError } from "../api/errors";
import type { FileDiff } from "../api/types";
import { formatSizes } from "../ui/format";
import { PathText } from "../ui/PathText";
import { unlessLeft } from "../ui/unlessLeft";
import { ChangesContext } from "./changes";
import { diffLines, Lines } from "./Lines";

interface TurnDiffProps {
  turnId: number;
  /** Of one file; without it of all, each under its name. */
  path?: string;
}

/** The lines that a turn has changed, brought into view. */
export default function TurnDiff({ turnId, path }: TurnDiffProps) {
  const known = useContext(ChangesContext);
  const [files, setFiles] = useState<FileDiff[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const changes = known?.changes;
  const sessionId = known?.sessionId;

  useEffect(() => {
    if (!changes || !sessionId) return;
    return unlessLeft(changes.diff({ sessionId, turnId }, path), setFiles, (reason) =>
      setProblem(asApiError(reason).message),
    );
  }, [changes, sessionId, turnId, path]);
  useEffect(() => {
    // Whoever asks for lines wants to see them, without going after them.
    if (files) box.current?.scrollIntoView({ block: "nearest" });
  }, [files]);

  return (
    <div ref={box} className="scroll-my-2 py-1">
      {problem && (
        <p role="alert" className="px-2 text-xs text-danger">
          {problem}
        </p>
      )}
      {!files && !problem && <p className="px-2 text-xs text-muted">Loading</p>}
      {files?.length === 0 && <p className="px-2 text-xs text-muted">Nothing is left of these changes.</p>}
      {files && files.length > 0 && (
        <ul aria-label="Changed lines" className="space-y-2">
          {files.map((file) => (
            <li key={file.path} className="overflow-hidden rounded-lg border border-line text-xs">
              {path === undefined && (
                <PathText path={file.path} className="border-b border-line bg-raised px-3 py-1 font-medium" />
              )}
              {file.binary ? (
                <p className="px-3 py-1 text-muted">{formatSizes(file)}</p>
              ) : (
                <Lines label={`Changed lines of ${file.path}`} lines={diffLines(file.diff ?? "")} signs />
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
