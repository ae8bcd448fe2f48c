import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, expect, test } from "vitest";
import { Markdown } from "../src/chat/Markdown";
import { loadClosing } from "../src/chat/markdown/document";

beforeAll(loadClosing);

const show = (text: string) => render(<Markdown text={text} />).container;
const linksIn = (text: string) => {
  show(text);
  return screen.queryAllByRole<HTMLAnchorElement>("link").map((link) => [link.textContent, link.href]);
};

test("only https is a link, it opens elsewhere without a way back, and all else is text", () => {
  const container = show(
    "[ok](https://a.example) [h](http://a.example) [bad](javascript:alert(1)) [file](file:///etc) [rel](/etc) [two](//a.example) [d](data:text/html,x) [m](mailto:a@b.example) [none](https://) [w](https:a.example)\n\nwww.a.example, http://a.example/b and a@b.example",
  );

  const [link, ...others] = screen.getAllByRole<HTMLAnchorElement>("link");
  expect([link?.href, link?.target, link?.rel]).toEqual([
    "https://a.example/",
    "_blank",
    "noopener noreferrer nofollow",
  ]);
  expect(others).toEqual([]);
  expect(screen.queryByRole("button")).toBeNull();
  expect(container.textContent).toContain("h bad file rel two d m none w");
  expect(container.textContent).toContain("www.a.example, http://a.example/b and a@b.example");
});

test.each([
  ["[click here](https://evil.example/a)", "click here (evil.example)"],
  ["[google.com](https://evil.example)", "google.com (evil.example)"],
  ["[https://google.com/evil.example](https://evil.example)", "https://google.com/evil.example (evil.example)"],
  ["[good.example](https://good.example.evil.example)", "good.example (good.example.evil.example)"],
  ["[good.example](https://good.example:8443)", "good.example (good.example:8443)"],
  ["[google.com](https://google.com@evil.example)", "google.com (evil.example)"],
  [
    "[https://google.com@evil.example](https://google.com@evil.example)",
    "https://google.com@evil.example (evil.example)",
  ],
  ["[gооgle.com](https://gооgle.com)", "gооgle.com (xn--ggle-55da.com)"],
  ["[evil.example](https://good.example/evil.example)", "evil.example (good.example)"],
  ["[![evil.example](https://a.example/p.png)](https://evil.example)", "[image: evil.example] (evil.example)"],
  // What turns around or hides a part of a label, so that it would look like another host.
  ["[moc.elgoog\u202e](https://evil.example)", "moc.elgoog\u202e (evil.example)"],
  ["[\u2066evil.example](https://evil.example)", "\u2066evil.example (evil.example)"],
  ["[evil.example/\u200b](https://evil.example)", "evil.example/\u200b (evil.example)"],
  ["[evil.example\n google.com](https://evil.example)", "evil.example\ngoogle.com (evil.example)"],
])("a link whose label is not its address says where it leads: %s", (markdown, shown) => {
  expect(linksIn(markdown).map(([text]) => text)).toEqual([shown]);
});

test("a link whose label is its address says it once", () => {
  expect(
    linksIn(
      "https://a.example/b?c=d <https://a.example> [a.example](https://a.example/) [**A.example**/x](https://a.example/x) [`http://a.example`](https://a.example)",
    ),
  ).toEqual([
    ["https://a.example/b?c=d", "https://a.example/b?c=d"],
    ["https://a.example", "https://a.example/"],
    ["a.example", "https://a.example/"],
    ["A.example/x", "https://a.example/x"],
    ["http://a.example", "https://a.example/"],
  ]);
});

test("no name or password goes along with a link", () => {
  expect(linksIn("[a](https://secret:more@a.example/b)")).toEqual([["a (a.example)", "https://a.example/b"]]);
});

test.each([
  ["a long query", `https://a.example/?${"q".repeat(64)}`],
  ["a long fragment", `https://a.example/#${"f".repeat(64)}`],
  ["both together", `https://a.example/?${"q".repeat(31)}#${"f".repeat(32)}`],
  ["a long path", `https://a.example/${"p/".repeat(92)}`],
  ["a long host", `https://${`${"h".repeat(60)}.`.repeat(3)}a.example/`],
  ["few characters that become many", `https://a.example/?${"ä".repeat(11)}`],
])("a link with %s has nothing that opens without being asked", (_, url) => {
  const container = show(`[report](${url})`);

  expect(container.querySelector("[href]")).toBeNull();
  expect(screen.getByRole("button", { name: /^report \((h+\.){0,3}a\.example\)$/ })).toBeTruthy();
});

test("a link that may carry data away asks, with the whole address", async () => {
  const url = `https://a.example/report?token=${"s3cr3t".repeat(20)}`;
  show(`[report](${url})`);

  await userEvent.click(screen.getByRole("button", { name: "report (a.example)" }));
  const dialog = await screen.findByRole("dialog", { name: "Open this address?" });
  expect(within(dialog).getByRole("note", { name: "Address" }).textContent).toBe(url);
  await userEvent.click(within(dialog).getByRole("button", { name: "Cancel" }));
  expect(screen.queryByRole("dialog")).toBeNull();
});
