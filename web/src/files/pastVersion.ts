import { applyPatch } from "diff";
import type { Api } from "../api/client";
import type { Asset } from "../preview/model";
import { NOTHING } from "./assets";

/** An app as the preview runs it. */
export interface PastVersion {
  files: ReadonlyMap<string, string>;
  assets: ReadonlyMap<string, Asset>;
}

/**
 * An app as a revision had it, its texts made of the present ones; `presentAssets` is what there is of its other files, which
 * are shown as they are now. Throws an ApiError, or an Error where the texts do not fit.
 */
export async function readPastVersion(
  api: Pick<Api, "diff" | "readContents">,
  appId: string,
  revision: number,
  presentAssets: ReadonlyMap<string, Asset>,
): Promise<PastVersion> {
  const present = await api.readContents(appId);
  const files = new Map(present.files.flatMap(({ path, content }) => (content == null ? [] : [[path, content]])));
  const assets = new Map(presentAssets);
  for (const { path, action, diff, binary } of await api.diff(appId, { from: present.revision, to: revision })) {
    if (action === "deleted") {
      files.delete(path);
      assets.delete(path);
      continue;
    }
    if (binary) {
      // Either side of the difference may have been a text.
      files.delete(path);
      assets.set(path, presentAssets.get(path) ?? NOTHING);
      continue;
    }
    const text = diff ? applyPatch(files.get(path) ?? "", diff) : "";
    if (text === false) throw new Error(`${path} of revision ${revision} cannot be made of its present text`);
    files.set(path, text);
  }
  return { files, assets };
}
