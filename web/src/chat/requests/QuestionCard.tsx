import { MessageCircleQuestion } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import type { Question } from "../../api/types";
import { Button } from "../../ui/Button";
import type { Request } from "../model";
import { Card } from "./Card";
import { useAnswer } from "./useAnswer";

const MISSING = "Choose an answer to each question, or write your own.";
/** As long as the server lets an answer in own words be, in characters. */
const WORDS_LIMIT = 2000;

/** Asks the vendor what Claude does not want to guess: to be chosen from, or answered in own words. */
export function QuestionCard({ request }: { request: Extract<Request, { kind: "question" }> }) {
  const { questions } = request;
  const { sending, problem, give, refuse } = useAnswer(request.id);
  const [chosen, setChosen] = useState<string[][]>(() => questions.map(() => []));
  const [words, setWords] = useState("");
  const ids = useId();
  const inOwnWords = words.trim() !== "";

  const choose = (at: number, label: string, { multiple = false }: Question) =>
    setChosen((before) => {
      const known = before[at] ?? [];
      if (!multiple) return before.with(at, [label]);
      return before.with(at, known.includes(label) ? known.filter((other) => other !== label) : [...known, label]);
    });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (inOwnWords) return void give({ approved: true, reason: words.trim() });
    if (chosen.some((labels) => labels.length === 0)) return refuse(MISSING);
    // In the order in which Claude has offered them.
    const answers = questions.map(({ options }, at) =>
      options.map(({ label }) => label).filter((label) => chosen[at]?.includes(label)),
    );
    void give({ approved: true, answers });
  };

  return (
    <Card icon={MessageCircleQuestion} title="Claude has a question" problem={problem}>
      <form onSubmit={send} className="space-y-3">
        {questions.map((question, at) => (
          <fieldset key={question.question} disabled={inOwnWords || sending !== null} className="disabled:opacity-60">
            <legend dir="auto" className="mb-1.5 break-words">
              {question.question}
              {question.multiple && <span className="text-muted"> Choose any.</span>}
            </legend>
            <div className="grid gap-1.5">
              {question.options.map((option, place) => (
                <label
                  key={option.label}
                  className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line px-3 py-2 hover:bg-raised has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent max-md:py-3"
                >
                  <input
                    type={question.multiple ? "checkbox" : "radio"}
                    name={`${ids}-${at}`}
                    checked={chosen[at]?.includes(option.label) ?? false}
                    onChange={() => choose(at, option.label, question)}
                    aria-describedby={option.description ? `${ids}-${at}-${place}` : undefined}
                    aria-label={option.label}
                    className="mt-0.5 size-4 shrink-0 accent-(--accent) outline-none"
                  />
                  <span dir="auto" className="min-w-0 break-words">
                    {option.label}
                    {option.description && (
                      <span id={`${ids}-${at}-${place}`} className="block text-xs text-muted">
                        {option.description}
                      </span>
                    )}
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
        ))}
        <div>
          <label htmlFor={`${ids}-words`} className="mb-1 block text-xs text-muted">
            Or in your own words
          </label>
          <textarea
            id={`${ids}-words`}
            rows={2}
            dir="auto"
            maxLength={WORDS_LIMIT}
            value={words}
            disabled={sending !== null}
            onChange={(event) => setWords(event.target.value)}
            className="block w-full resize-y rounded-lg border border-line bg-paper px-2.5 py-1.5 max-md:text-base"
          />
        </div>
        <div className="flex flex-wrap gap-2">
          <Button type="submit" kind="primary" className="max-md:h-11" aria-disabled={sending !== null}>
            {sending ? "Sending" : "Send answer"}
          </Button>
          <Button
            kind="quiet"
            className="max-md:h-11"
            disabled={sending !== null}
            onClick={() => void give({ approved: false })}
          >
            Skip
          </Button>
        </div>
      </form>
    </Card>
  );
}
