import { CaseSensitive, Regex, X } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { IconButton } from "../ui/Button";
import { PathText } from "../ui/PathText";
import type { ContentsStore } from "./contents";
import { fileIcon } from "./fileIcons";
import { MAX_MATCHES, type SearchMatch, type SearchResult } from "./search";
import SearchWorkerThread from "./search.worker?worker";
import { createSearcher, SearchError, type SearchWorker } from "./searcher";

export interface SearchPanelProps {
  contents: ContentsStore;
  onOpen(path: string, line: number, column: number): void;
  onClose(): void;
  /** Where the search is done; a worker of its own by default. */
  spawn?(): SearchWorker;
}

/** How long nobody types before the search is made. */
const PAUSE_MS = 150;

const startWorker = (): SearchWorker => new SearchWorkerThread();

/** Finds a text in all files of the app. */
export function SearchPanel({ contents, onOpen, onClose, spawn = startWorker }: SearchPanelProps) {
  const { files, status } = useStore(contents.view);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const [text, setText] = useState("");
  const [isRegex, setIsRegex] = useState(false);
  const [matchCase, setMatchCase] = useState(false);
  const [result, setResult] = useState<SearchResult | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const searcher = useMemo(() => createSearcher(spawn), [spawn]);
  useEffect(() => () => searcher.end(), [searcher]);
  useEffect(() => void contents.start(), [contents]);

  useEffect(() => {
    if (!text) {
      setResult(null);
      setProblem(null);
      return;
    }
    const timer = setTimeout(async () => {
      try {
        const found = await searcher.search(files, { text, isRegex, matchCase });
        if (!found) return;
        setResult(found);
        setProblem(null);
      } catch (reason) {
        setResult(null);
        setProblem(reason instanceof SearchError ? reason.message : "The search has failed. Try again.");
      }
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [searcher, files, text, isRegex, matchCase]);

  return (
    <section
      aria-label="Search in files"
      className="flex h-full min-h-0 flex-col bg-paper"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <div className="flex items-center gap-0.5 border-b border-line p-1.5">
        <input
          type="search"
          ref={box}
          aria-label="Search in files"
          placeholder="Search in files"
          value={text}
          maxLength={1000}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
          className="h-8 min-w-0 flex-1 rounded-lg border border-line bg-surface px-2.5 text-[13px] text-ink placeholder:text-muted max-md:h-11 max-md:text-base"
        />
        <Toggle label="Match case" on={matchCase} onToggle={setMatchCase}>
          <CaseSensitive size={16} aria-hidden />
        </Toggle>
        <Toggle label="Regular expression" on={isRegex} onToggle={setIsRegex}>
          <Regex size={15} aria-hidden />
        </Toggle>
        <IconButton label="Close search" onClick={onClose}>
          <X size={15} aria-hidden />
        </IconButton>
      </div>
      <p role="status" className="px-3 pt-2 text-xs text-muted empty:hidden">
        {problem === null && text !== "" && (status === "loading" ? "Loading the files" : summaryOf(result))}
      </p>
      {problem && (
        <p role="alert" className="px-3 pt-2 text-xs break-words text-danger">
          {problem}
        </p>
      )}
      {status === "failed" && (
        <p role="alert" className="px-3 pt-2 text-xs text-danger">
          The files could not be loaded.{" "}
          <button type="button" className="underline" onClick={() => void contents.start()}>
            Try again
          </button>
        </p>
      )}
      <ul className="min-h-0 flex-1 overflow-auto px-1.5 py-2">
        {result?.files.map(({ path, matches }) => (
          <FileResults key={path} path={path} matches={matches} onOpen={onOpen} />
        ))}
      </ul>
    </section>
  );
}

function summaryOf(result: SearchResult | null): string {
  if (!result) return "";
  if (result.count === 0) return "Nothing found";
  if (result.isCut) return `More than ${MAX_MATCHES} results; these are the first`;
  const files = result.files.length === 1 ? "1 file" : `${result.files.length} files`;
  return `${result.count === 1 ? "1 result" : `${result.count} results`} in ${files}`;
}

interface FileResultsProps {
  path: string;
  matches: SearchMatch[];
  onOpen(path: string, line: number, column: number): void;
}

function FileResults({ path, matches, onOpen }: FileResultsProps) {
  const { Icon, tone } = fileIcon(path);
  return (
    <li>
      <details open>
        <summary className="flex h-7 items-center gap-1.5 rounded-md px-1.5 text-[13px] hover:bg-raised max-md:h-11">
          <Icon size={14} aria-hidden className={`shrink-0 ${tone}`} />
          <PathText path={path} className="flex-1" />
          <span className="shrink-0 text-xs text-muted">{matches.length}</span>
        </summary>
        <ul>
          {matches.map((match) => (
            <li key={`${match.line}:${match.column}`}>
              <button
                type="button"
                onClick={() => onOpen(path, match.line, match.column)}
                className="flex w-full gap-2 rounded-md py-0.5 pr-1.5 pl-6 text-left text-xs hover:bg-raised max-md:py-3"
              >
                <span className="w-7 shrink-0 text-right text-muted tabular-nums">{match.line}</span>
                <span className="min-w-0 truncate font-mono">
                  {match.before}
                  <mark className="rounded-sm bg-warn-soft text-warn">{match.match}</mark>
                  {match.after}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

interface ToggleProps {
  label: string;
  on: boolean;
  onToggle(on: boolean): void;
  children: ReactNode;
}

function Toggle({ label, on, onToggle, children }: ToggleProps) {
  return (
    <IconButton
      label={label}
      aria-pressed={on}
      onClick={() => onToggle(!on)}
      className="aria-pressed:bg-accent-soft aria-pressed:text-accent max-md:size-11"
    >
      {children}
    </IconButton>
  );
}
