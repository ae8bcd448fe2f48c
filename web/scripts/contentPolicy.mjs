// The page's content policy in its own HTML too, so that it holds wherever the headers beside it get lost.
import { readFileSync } from "node:fs";

// The headers say the same: see dev/content_policy.py.
const POLICY = new URL("../content-policy.txt", import.meta.url);

/** Makes it part of every build of the page; the documents of the preview have policies of their own. */
export function contentPolicy() {
  return {
    name: "content-policy",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { path }) {
        if (path !== "/index.html") return [];
        const content = readFileSync(POLICY, "utf8").trim().replaceAll("\n", "; ");
        // What stands before it would load without it.
        return [{ tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content }, injectTo: "head-prepend" }];
      },
    },
  };
}
