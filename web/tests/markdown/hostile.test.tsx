import { render } from "@testing-library/react";
import { beforeAll, expect, test } from "vitest";
import { Markdown } from "../../src/chat/Markdown";
import { createReader, loadClosing } from "../../src/chat/markdown/document";
import { NOTHING_KNOWN, parse } from "../../src/chat/markdown/syntax";

beforeAll(loadClosing);

const PIECES = [
  ...["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<iframe srcdoc='<b>'>"],
  ...["[a](javascript:alert(1))", "[a](JaVa\tScript:alert(1))", "![a](https://evil.example/x.png)", "<javascript:a>"],
  ...["[a](data:text/html,x)", "[a]: vbscript:x\n\n[a]", "[a](https://evil.example/\u202e)", "https://one.example"],
  ...[
    "```html\n<b>",
    "```\n",
    "`",
    "**",
    "~~",
    "> ",
    "- ",
    "1. ",
    "\n",
    "\n\n",
    "| a | b |\n| - | - |\n",
    "[^1]",
    "[^1]: ",
  ],
  ...[
    "\u0000",
    "\u2028",
    "\ud83d",
    "&#x6a;avascript:",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<a href='x' style='x'>",
    "\\",
  ],
];

/** The same numbers each time: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function numbers(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const bare = (nodes: object[]) => JSON.stringify(nodes, (key, value) => (key === "position" ? undefined : value));

test("no mixture of hostile pieces becomes an element that loads or runs, and in pieces it reads as at once", () => {
  for (let seed = 0; seed < 150; seed += 1) {
    const next = numbers(seed);
    const text = Array.from({ length: 1 + next(12) }, () => PIECES[next(PIECES.length)]).join("");
    const { container, unmount } = render(<Markdown text={text} />);
    expect(
      container.querySelector("script, img, svg[onload], iframe, object, embed, form, style, base"),
      text,
    ).toBeNull();
    for (const element of container.querySelectorAll("*")) {
      expect(
        [...element.attributes].filter(({ name }) => /^(on|src|srcdoc|formaction)/.test(name)),
        text,
      ).toEqual([]);
      const href = element.getAttribute("href");
      if (href !== null) expect(href, text).toMatch(/^(https?:\/\/|mailto:)/i);
    }
    unmount();

    const reader = createReader();
    for (let end = 0; end < text.length; end += 1 + next(9)) reader.read(text.slice(0, end));
    expect(bare(reader.read(text).sections.flatMap(({ nodes }) => nodes)), text).toBe(
      bare(parse(text, NOTHING_KNOWN).children),
    );
  }
});
