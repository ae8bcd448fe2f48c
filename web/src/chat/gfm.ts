import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

interface ParserData {
  micromarkExtensions?: unknown[];
  fromMarkdownExtensions?: unknown[];
}

/** GitHub's tables, task lists, strikethrough and bare links. For reading only: remark-gfm can write too, and is twice the size. */
export function readGfm(this: { data(): object }): undefined {
  const data: ParserData = this.data();
  (data.micromarkExtensions ??= []).push(gfm());
  (data.fromMarkdownExtensions ??= []).push(gfmFromMarkdown());
}
