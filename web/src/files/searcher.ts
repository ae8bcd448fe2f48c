import { isRecord } from "../api/errors";
import type { SearchQuery, SearchResult } from "./search";

/** What of a Worker is needed here. */
export interface SearchWorker {
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

/** A search that was given up, or whose expression is none; the message is fit to be shown. */
export class SearchError extends Error {}

/** Searches in a worker, which is ended where it takes longer than allowed. A new search gives the earlier one up. */
export function createSearcher(spawn: () => SearchWorker, limitMs = 2000) {
  let worker: SearchWorker | null = null;
  let known: ReadonlyMap<string, string> | null = null;
  let giveUp: ((reason: SearchError) => void) | null = null;

  function end(): void {
    worker?.terminate();
    worker = null;
    known = null;
  }

  /** Resolves to null where a later search has taken over. Rejects with a SearchError. */
  function search(files: ReadonlyMap<string, string>, query: SearchQuery): Promise<SearchResult | null> {
    if (giveUp) {
      end();
      giveUp(new SearchError("superseded"));
    }
    worker ??= spawn();
    const current = worker;
    return new Promise<SearchResult | null>((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer);
        giveUp = null;
        settle();
      };
      const timer = setTimeout(() => {
        end();
        done(() => reject(new SearchError("This search takes too long. Try a simpler expression.")));
      }, limitMs);
      giveUp = () => done(() => resolve(null));
      current.onmessage = ({ data }) => {
        const answer: unknown = data;
        if (!isRecord(answer)) return;
        if (typeof answer.error === "string") {
          const said = answer.error;
          done(() => reject(new SearchError(said)));
        } else done(() => resolve(answer.result as SearchResult));
      };
      current.onerror = () => {
        end();
        done(() => reject(new SearchError("The search could not be loaded. Try again.")));
      };
      // The texts go over once, and again only where they have changed.
      current.postMessage(files === known ? { query } : { files, query });
      known = files;
    });
  }

  return { search, end };
}
