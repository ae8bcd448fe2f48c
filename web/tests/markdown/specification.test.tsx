import { tests as COMMONMARK } from "commonmark-spec";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Markdown } from "../../src/chat/Markdown";
import { createReader } from "../../src/chat/markdown/document";
import { NOTHING_KNOWN, parse } from "../../src/chat/markdown/syntax";
import { GFM } from "./gfm";

const EXAMPLES = [
  ...COMMONMARK.map(({ markdown, html }) => ({
    markdown: markdown.replaceAll("→", "\t"),
    html: html.replaceAll("→", "\t"),
  })),
  ...GFM,
];

const bare = (nodes: object[]) => JSON.stringify(nodes, (key, value) => (key === "position" ? undefined : value));
const whole = (text: string) => bare(parse(text, NOTHING_KNOWN).children);
const inSections = (text: string) =>
  bare(
    createReader()
      .read(text)
      .sections.flatMap(({ nodes }) => nodes),
  );

test("every example reads the same in sections as in one piece", () => {
  for (const { markdown } of EXAMPLES) expect(inSections(markdown), markdown).toBe(whole(markdown));
});

test("pairs of examples read the same in sections as in one piece", () => {
  const STRIDE = 211;
  for (const [first, { markdown }] of EXAMPLES.entries()) {
    for (let second = first % STRIDE; second < EXAMPLES.length; second += STRIDE) {
      const text = `${markdown}\n${EXAMPLES[second]!.markdown}`;
      expect(inSections(text), text).toBe(whole(text));
    }
  }
});

test("text that grows character by character reads at each of them as if it were all new", () => {
  for (const [index, { markdown }] of EXAMPLES.entries()) {
    if (index % 12 !== 0) continue;
    const text = `${markdown}\n${EXAMPLES[(index * 7) % EXAMPLES.length]!.markdown}`;
    const reader = createReader();
    for (let end = 1; end <= text.length; end += 1) {
      const grown = text.slice(0, end);
      expect(bare(reader.read(grown).sections.flatMap(({ nodes }) => nodes)), grown).toBe(whole(grown));
    }
  }
});

/** What a reader gets of some HTML: its elements and text, without the page's own wrapping. */
function essence(html: string): string {
  const host = document.createElement("div");
  host.innerHTML = html;
  return inner(host)
    .replaceAll("<br>", "<br> ")
    .replace(/\s+/g, " ")
    .replace(/ ?(<\/?(?:p|ul|ol|li|blockquote|pre|h\d|hr|table|thead|tbody|tr|t[hd])\b[^>]*>) ?/g, "$1")
    .trim();
}

function inner(node: Element): string {
  return [...node.childNodes]
    .map((child) => (child instanceof Element ? outer(child) : asText(child.textContent ?? "")))
    .join("");
}

function outer(element: Element): string {
  const tag = element.tagName.toLowerCase();
  const depth = element.getAttribute("data-depth");
  if (tag === "br" || tag === "hr" || tag === "input") return `<${tag}>`;
  if (tag === "img") return `[image${element.getAttribute("alt") ? `: ${element.getAttribute("alt")}` : ""}]`;
  if (tag === "pre") return `<pre>${asText(element.textContent?.replace(/\n$/, "") ?? "")}</pre>`;
  if (element.querySelector("pre") && tag === "div" && element.hasAttribute("translate"))
    return outer(element.querySelector("pre")!);
  if (tag === "a") {
    const href = element.getAttribute("href") ?? "";
    // Without the host that is shown behind a label.
    const label = inner(element.querySelector(":scope > bdi") ?? element);
    return /^https:\/\//i.test(href) ? `<a>${label}</a>` : label;
  }
  if (/^(div|span|bdi|section|figure)$/.test(tag)) return inner(element);
  const start = element.getAttribute("start");
  return `<${depth ? `h${depth}` : tag}${start ? ` start=${start}` : ""}>${inner(element)}</${depth ? `h${depth}` : tag}>`;
}

const asText = (text: string) => text.replaceAll("<", "&lt;");

/** Where this page knowingly reads what people write otherwise than the specification does. */
const OTHERWISE = new Map([
  ["foo*bar*\n", "<p>foo*bar*</p>"],
  ["5*6*78\n", "<p>5*6*78</p>"],
  ["**foo*bar*baz**\n", "<p><strong>foo*bar*baz</strong></p>"],
  ["__foo__\n", "<p>__foo__</p>"],
  ["__foo, __bar__, baz__\n", "<p><strong>foo, __bar__, baz</strong></p>"],
  ["_(__foo__)_\n", "<p><em>(__foo__)</em></p>"],
  ["__foo__bar__baz__\n", "<p>__foo__bar__baz__</p>"],
  ["_foo __bar__ baz_\n", "<p><em>foo __bar__ baz</em></p>"],
  ["__foo __bar__ baz__\n", "<p><strong>foo __bar__ baz</strong></p>"],
]);

const shown = (markdown: string) =>
  renderToStaticMarkup(<Markdown text={markdown} />).replace(/<section.*?<\/section>/s, "");
const hasTag = (markdown: string) => /"type":"html"/.test(whole(markdown));
const isBlockOfHtml = new Set(
  COMMONMARK.filter(({ section }) => section === "HTML blocks").map(({ markdown }) => markdown),
);
/** GitHub reads these bare addresses as links, beyond CommonMark. */
const isBareLink = (markdown: string) => /^<?\s*(?:https?:|foo\\?\+?@|foo@)/.test(markdown);

test("what the specification makes of its examples is what is shown, but for tags", () => {
  for (const { markdown, html } of EXAMPLES) {
    if (hasTag(markdown) || isBlockOfHtml.has(markdown) || isBareLink(markdown)) continue;
    expect(essence(shown(markdown)), markdown).toBe(OTHERWISE.get(markdown) ?? essence(html));
  }
});

test("no tag of an example is lost, nor becomes an element", () => {
  for (const { markdown } of EXAMPLES.filter(({ markdown }) => hasTag(markdown))) {
    const host = document.createElement("div");
    host.innerHTML = shown(markdown);
    for (const [tag] of markdown.matchAll(/<\/?[a-z][\w-]*/gi)) {
      if (!/^<https?$|^<mailto$/.test(tag)) expect(host.textContent, markdown).toContain(tag);
    }
    expect(host.querySelector("script, style, img, table, form, iframe, textarea, del, ins, i"), markdown).toBeNull();
  }
});
