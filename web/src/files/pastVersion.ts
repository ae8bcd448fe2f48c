import { applyPatch } from "diff";
import type { Api } from "../api/client";

/** The texts of an app as a revision had them, made of the present ones. Throws an ApiError, or an Error where they do not fit. */
export async function readPastVersion(
  api: Pick<Api, "diff" | "readContents">,
  appId: string,
  revision: number,
): Promise<ReadonlyMap<string, string>> {
  const present = await api.readContents(appId);
  const files = new Map(present.files.flatMap(({ path, content }) => (content == null ? [] : [[path, content]])));
  for (const { path, action, diff } of await api.diff(appId, { from: present.revision, to: revision })) {
    if (action === "deleted") {
      files.delete(path);
      continue;
    }
    const text = diff ? applyPatch(files.get(path) ?? "", diff) : "";
    if (text === false) throw new Error(`${path} of revision ${revision} cannot be made of its present text`);
    files.set(path, text);
  }
  return files;
}
