import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { Markdown, safeUrl } from "../src/chat/Markdown";
import { splitBlocks } from "../src/chat/splitBlocks";

test("blocks are cut at blank lines, fences and lists stay whole", () => {
  expect(splitBlocks("one\ntwo\n\nthree")).toEqual(["one\ntwo", "three"]);
  expect(splitBlocks("```\na\n\nb\n```\n\nafter")).toEqual(["```\na\n\nb\n```", "after"]);
  expect(splitBlocks("- a\n\n- b\n\n  more of b\n\nafter").map((block) => block.trim())).toEqual([
    "- a\n\n- b\n\n  more of b",
    "after",
  ]);
});

test("a fence that is still being written is shown as code", () => {
  const { container } = render(<Markdown text={"1. text\n\n   ```ts\n   const a = 1;\n\n   const b = 2;"} />);

  expect(container.querySelectorAll("pre")).toHaveLength(1);
  expect(container.querySelector("li pre")?.textContent).toBe("const a = 1;\n\nconst b = 2;\n");
});

test("a paragraph is written in the direction of its first letter, code always from the left", () => {
  const { container } = render(<Markdown text={"مرحبا **world**\n\n```\na\n```"} />);

  expect(screen.getByText(/مرحبا/).closest("[dir]")?.getAttribute("dir")).toBe("auto");
  expect(container.querySelector("pre")?.closest("[dir]")?.getAttribute("dir")).toBe("ltr");
});

test("lists of another kind are blocks of their own, nested ones are not", () => {
  const blocks = splitBlocks("- a\n\n1. b\n\n   - c\n\n2. d\n\n* e");

  expect(blocks.map((block) => block.trim())).toEqual(["- a", "1. b\n\n   - c\n\n2. d", "* e"]);
});

test("links whose addresses are given apart lead there", () => {
  render(
    <Markdown
      text={"See [the docs][d] and [Docs].\n\nMore.\n\n[d]: https://a.example/d\n[docs]: https://a.example/docs"}
    />,
  );

  const addresses = screen.getAllByRole<HTMLAnchorElement>("link").map((link) => link.href);
  expect(addresses).toEqual(["https://a.example/d", "https://a.example/docs"]);
});

test("growing text leaves the blocks before the last one as they were", () => {
  const before = splitBlocks("one\n\ntwo\n\nthr");
  const after = splitBlocks("one\n\ntwo\n\nthree");

  expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
});

test("only http, https and mailto lead anywhere", () => {
  expect(safeUrl("https://a.example")).toBe("https://a.example");
  expect(safeUrl("mailto:a@b.example")).toBe("mailto:a@b.example");
  for (const url of ["javascript:alert(1)", "data:text/html,x", "//a.example", "/etc", "vbscript:x"]) {
    expect(safeUrl(url)).toBe("");
  }
});

test("links open elsewhere without a way back, images and markup do not load", () => {
  const { container } = render(
    <Markdown
      text={
        "[ok](https://a.example) [bad](javascript:alert(1))\n\n![cat](https://a.example/cat.png)\n\n<script>alert(1)</script><img src=x onerror=alert(1)>"
      }
    />,
  );

  const link = screen.getByRole("link", { name: "ok" });
  expect(link.getAttribute("rel")).toContain("noopener");
  expect(screen.queryByRole("link", { name: "bad" })).toBeNull();
  expect(screen.getByText("[image: cat]")).toBeTruthy();
  expect(container.querySelector("script, img, [onerror]")).toBeNull();
});

test("tables and task lists are shown as such", () => {
  render(<Markdown text={"| a | b |\n| - | - |\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n~~gone~~"} />);

  expect(within(screen.getByRole("group", { name: "Table" })).getByRole("cell", { name: "2" })).toBeTruthy();
  expect(screen.getByRole("checkbox", { name: "done" })).toBeTruthy();
  expect(screen.getByText("gone").tagName).toBe("DEL");
});
