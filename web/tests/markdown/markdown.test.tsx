import { render, screen, within } from "@testing-library/react";
import { beforeAll, expect, test } from "vitest";
import { Markdown } from "../../src/chat/Markdown";
import { createReader, loadClosing } from "../../src/chat/markdown/document";

beforeAll(loadClosing);

const show = (text: string) => render(<Markdown text={text} />).container;
/** The text of some Markdown as it is seen, e.g. `before <strong>bold</strong>` without the elements that only hold text. */
const seen = (text: string) =>
  [...show(text).querySelectorAll("p, li, h3, td, th")].at(-1)?.innerHTML.replaceAll(/<\/?span>/g, "") ?? "";

test("tags typed without backticks are text, all of them", () => {
  expect(show("Wrap it in a <div> and use the <Button>, typed Promise<void>").textContent).toBe(
    "Wrap it in a <div> and use the <Button>, typed Promise<void>",
  );
  expect(show("<div>\nA block **of** markup\n</div>").textContent).toBe("<div>\nA block of markup\n</div>");
  expect(show("A generic arrow: <T,>(value: T) => value, and a <T, U> b").textContent).toBe(
    "A generic arrow: <T,>(value: T) => value, and a <T, U> b",
  );
  expect(show("Write &lt;b&gt; &amp; more").textContent).toBe("Write <b> & more");
});

test("a <br> begins a new line in a cell of a table, and is text elsewhere", () => {
  const { container } = render(<Markdown text={"| a |\n| - |\n| one<br>two<br/>three |\n\nA <br> here"} />);

  expect(container.querySelectorAll("td br")).toHaveLength(2);
  expect(screen.getByText(/A/).closest("p")?.textContent).toBe("A <br> here");
});

test("footnotes are numbered where they are used, and shown below", () => {
  render(<Markdown text={"First[^b], second[^a].\n\nMore.\n\n[^a]: The *a* note\n[^b]: The b note\n[^c]: Unused"} />);

  expect(screen.getByText("[1]").tagName).toBe("SUP");
  const notes = within(screen.getByRole("region", { name: "Footnotes" })).getAllByRole("listitem");
  expect(notes.map((note) => note.textContent)).toEqual(["The b note", "The a note", "Unused"]);
});

test.each([
  ["**注意：**请先保存。", "<strong>注意：</strong>请先保存。"],
  ["これは**「重要」**です。", "これは<strong>「重要」</strong>です。"],
  ["**중요(필수)**는 여기에", "<strong>중요(필수)</strong>는 여기에"],
  ["**คำเตือน:**โปรดบันทึก", "<strong>คำเตือน:</strong>โปรดบันทึก"],
  ["~~旧版。~~新版", "<del>旧版。</del>新版"],
  ["需要3~5天，或5~7天", "需要3~5天，或5~7天"],
  ["**Note:** save first", "<strong>Note:</strong> save first"],
])("emphasis in scripts without spaces: %s", (text, html) => {
  expect(seen(text)).toBe(html);
});

test.each([
  "snake_case_names and a_b",
  "__init__.py beside __tests__ and __proto__",
  "2*3*4 = 24, a*b*c and f(x)*g(y)*2",
  "x * y * z",
  "#hashtag is no heading",
  "C:\\path\\to\\file.txt",
  "~tilde~ and ~/.config",
  "$5 and $6, or $HOME/$USER",
  "100% of 5 > 3 && 2 < 4",
  "@scope/package@^1.2.3",
  "*.tsx and src/**/*.ts",
  "file_name_v2.test.ts, _private names",
  "1.5 and 2. of 3",
  "[ ] and [x] and array[0][1]",
  "🎉 emoji, zero\u200dwidth and ﷺ",
])("stays as it is typed: %s", (text) => {
  expect(show(text).textContent).toBe(text);
  expect(document.querySelector("em, strong, del, h3, a")).toBeNull();
});

test("a list that begins with a year keeps it", () => {
  expect(show("1986. A great summer").querySelector("ol")?.getAttribute("start")).toBe("1986");
});

test("a bare address ends where the punctuation of another script begins", () => {
  const container = show(
    "请看https://example.com/a?b=1，谢谢。或 https://例子.example/路径。（https://b.example/x）完",
  );

  expect([...container.querySelectorAll("a")].map((link) => link.textContent)).toEqual([
    "https://example.com/a?b=1",
    "https://例子.example/路径 (xn--fsqu00a.example)",
    "https://b.example/x",
  ]);
  expect(container.textContent).toBe(
    "请看https://example.com/a?b=1，谢谢。或 https://例子.example/路径 (xn--fsqu00a.example)。（https://b.example/x）完",
  );
});

test("a paragraph is written in the direction of its first letter, code always from the left", () => {
  const container = show("مرحبا **world**\n\n```\na\n```");

  expect(screen.getByText(/مرحبا/).closest("[dir]")?.getAttribute("dir")).toBe("auto");
  expect(container.querySelector("pre")?.closest("[dir]")?.getAttribute("dir")).toBe("ltr");
});

test("a fence on the line of a list's item holds the code behind blank lines", () => {
  const container = show("- ```ts\n  const a = 1;\n\n  const b = 2;\n  ```\n\nText\n\n```ts\nlet c;\n\nlet d;\n```");

  expect([...container.querySelectorAll("pre")].map((code) => code.textContent)).toEqual([
    "const a = 1;\n\nconst b = 2;",
    "let c;\n\nlet d;",
  ]);
});

test("links whose addresses are given apart lead there, from before and behind", () => {
  show("See [the docs][d] and [Docs].\n\n[d]: https://a.example/d\n\nMore [d].\n\n[docs]: https://a.example/docs");

  expect(screen.getAllByRole<HTMLAnchorElement>("link").map((link) => link.href)).toEqual([
    "https://a.example/d",
    "https://a.example/docs",
    "https://a.example/d",
  ]);
});

test("images and markup do not load", () => {
  const container = show("![cat](https://a.example/cat.png)\n\n<script>alert(1)</script><img src=x onerror=alert(1)>");

  expect(screen.getByText("[image: cat]")).toBeTruthy();
  expect(container.querySelector("script, img, [onerror]")).toBeNull();
});

test("tables and task lists are shown as such", () => {
  show("| a | b |\n| - | - |\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n~~gone~~");

  expect(within(screen.getByRole("figure", { name: "Table" })).getByRole("cell", { name: "2" })).toBeTruthy();
  expect(screen.getByRole("checkbox", { name: "done" })).toBeTruthy();
  expect(screen.getByText("gone").tagName).toBe("DEL");
});

test("growing text leaves the sections before the last ones as they were", () => {
  const reader = createReader();
  const before = reader.read("one\n\n- two\n\nthr", true).sections;
  const after = reader.read("one\n\n- two\n\nthree\n\nfo", true).sections;

  expect(after[0]).toBe(before[0]);
  expect(after[1]).toBe(before[1]);
});

test("while it is written, nothing of its markup is ever seen", () => {
  const text = [
    "# A **bold** title",
    "Some *emphasis*, **strong words**, `code()`, ~~gone~~ and [a link](https://a.example/path).",
    "| Name | **Value** |\n| :--- | ---: |\n| one | `1` |",
    "- an item with **bold text**\n- and [another link](https://b.example)",
    "```ts\nconst x = 1;\n```",
    "**注意：**请先保存。",
  ].join("\n\n");
  const page = render(<Markdown text="" live />);
  const flashed: string[] = [];
  for (let end = 1; end <= text.length; end += 1) {
    page.rerender(<Markdown text={text.slice(0, end)} live />);
    const visible = page.container.textContent ?? "";
    if (/\*\*\S|\]\(|\|.*\||:-|~~\S|https:/.test(visible)) flashed.push(visible.slice(-40));
  }
  expect(flashed).toEqual([]);
});

test("what is open at the end of a whole text stays as it is", () => {
  expect(show("2 ** 3 and **unclosed").textContent).toBe("2 ** 3 and **unclosed");
});
