/** What the vendor can answer where Claude has changed the app's rules. Each of these throws an ApiError. */
import { createTwoFilesPatch } from "diff";
import type { Api } from "../api/client";
import type { RulesState } from "../api/types";
import { RULES_PATH } from "./state";

type RulesApi = Pick<Api, "acceptRules" | "readFile" | "saveFile" | "deleteFile">;

/** Format and control characters, by which a text can tell Claude what nobody sees. */
const UNSEEN = /(?![\n\r\t])[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu;

export function createRulesAnswer(api: RulesApi, appId: string) {
  const textAt = async (version: number) => (await api.readFile(appId, RULES_PATH, version)).content ?? "";

  /** The waiting version counts from now on. */
  async function accept({ pendingVersion }: RulesState): Promise<void> {
    await api.acceptRules(appId, pendingVersion);
  }

  /** Brings the file back to what the vendor accepted the last time; `exists` is false where Claude deleted it. */
  async function undo({ acceptedVersion, pendingVersion }: RulesState, exists: boolean): Promise<void> {
    const place = { path: RULES_PATH, baseVersion: exists ? pendingVersion : 0 };
    if (acceptedVersion === 0) await api.deleteFile(appId, place);
    else await api.saveFile(appId, { ...place, content: await textAt(acceptedVersion) });
  }

  /** The waiting change as a unified diff, with names for the characters that cannot be seen. */
  async function compare({ acceptedVersion, pendingVersion }: RulesState, exists: boolean): Promise<string> {
    const [before, after] = await Promise.all([
      acceptedVersion > 0 ? textAt(acceptedVersion) : "",
      exists ? textAt(pendingVersion) : "",
    ]);
    return createTwoFilesPatch(RULES_PATH, RULES_PATH, named(before), named(after));
  }

  return { accept, undo, compare };
}

function named(text: string): string {
  return text.replace(UNSEEN, (unseen) => `\\u{${unseen.codePointAt(0)?.toString(16)}}`);
}
