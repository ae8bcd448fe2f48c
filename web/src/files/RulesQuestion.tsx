import { ScrollText } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { Api } from "../api/client";
import { asApiError } from "../api/errors";
import type { RulesState } from "../api/types";
import { Button } from "../ui/Button";
import { unlessLeft } from "../ui/unlessLeft";
import { DiffLines } from "./DiffLines";
import { createRulesAnswer } from "./rules";
import { RULES_PATH } from "./state";
import type { FilesStore } from "./store";

interface RulesQuestionProps {
  api: Api;
  appId: string;
  files: FilesStore;
  rules: RulesState;
  /** Puts the focus elsewhere, once there is nothing left to answer. */
  onAnswered(): void;
}

const CHANGED = "The rules were changed once more meanwhile. Look at the change again.";

/** Asks whether the rules count as Claude has changed them; stays until that is answered. */
export default function RulesQuestion({ api, appId, files, rules, onAnswered }: RulesQuestionProps) {
  const answer = useMemo(() => createRulesAnswer(api, appId), [api, appId]);
  const exists = useStore(files.view, ({ byPath }) => byPath.has(RULES_PATH));
  const { acceptedVersion, pendingVersion } = rules;
  const [isComparing, setComparing] = useState(false);
  const [compared, setCompared] = useState<{ version: number; diff: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    if (!isComparing) return;
    const asked = { acceptedVersion, pendingVersion };
    return unlessLeft(
      answer.compare(asked, exists),
      (diff) => setCompared({ version: pendingVersion, diff }),
      (reason) => setProblem(asApiError(reason).message),
    );
  }, [isComparing, answer, acceptedVersion, pendingVersion, exists]);

  const give = async (work: Promise<void>, done: string) => {
    setBusy(true);
    setProblem(null);
    try {
      await work;
      files.view.setState({ announcement: done });
    } catch (reason) {
      const error = asApiError(reason);
      setProblem(error.code === "version_conflict" ? CHANGED : error.message);
    }
    await files.refresh();
    setBusy(false);
    if (files.view.getState().rules === null) onAnswered();
  };

  return (
    <section
      aria-label="Changed rules"
      className="mx-3 mb-2 rounded-xl border border-line bg-surface px-3 py-2 text-[13px] shadow-sm"
    >
      <div className="flex items-start gap-2.5">
        <ScrollText size={16} aria-hidden className="mt-0.5 shrink-0 text-accent" />
        <p role="status" className="min-w-0 flex-1">
          {exists
            ? `Claude changed the rules in ${RULES_PATH}. They count once you accept them.`
            : `Claude took away the rules in ${RULES_PATH}. They count until you accept that.`}
        </p>
      </div>
      {isComparing && (
        <div className="mt-2 max-h-[40vh] overflow-y-auto rounded-lg border border-line bg-paper">
          {compared?.version === pendingVersion ? (
            <DiffLines path={RULES_PATH} diff={compared.diff} split={false} />
          ) : (
            <p className="px-3 py-1 text-xs text-muted">Loading</p>
          )}
        </div>
      )}
      {problem && (
        <p role="alert" className="mt-1.5 text-danger">
          {problem}
        </p>
      )}
      <div className="mt-2 flex flex-wrap gap-2">
        <Button
          kind="primary"
          className="max-md:h-11"
          disabled={busy}
          onClick={() => void give(answer.accept(rules), "The rules are accepted.")}
        >
          Accept
        </Button>
        <Button className="max-md:h-11" aria-expanded={isComparing} onClick={() => setComparing(!isComparing)}>
          {isComparing ? "Hide the change" : "See the change"}
        </Button>
        <Button
          kind="quiet"
          className="max-md:h-11"
          disabled={busy}
          onClick={() => void give(answer.undo(rules, exists), "The rules are as they were.")}
        >
          Undo
        </Button>
      </div>
    </section>
  );
}
