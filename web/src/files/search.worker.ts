/** Searches beside the page, so that an expression that never comes to an end does not stop it. */
import { type SearchQuery, searchFiles } from "./search";

let files: ReadonlyMap<string, string> = new Map();

self.onmessage = ({ data }: MessageEvent<{ files?: ReadonlyMap<string, string>; query: SearchQuery }>) => {
  files = data.files ?? files;
  try {
    self.postMessage({ result: searchFiles(files, data.query) });
  } catch (reason) {
    self.postMessage({ error: reason instanceof Error ? reason.message : String(reason) });
  }
};
