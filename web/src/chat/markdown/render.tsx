import type { AlignType, List, ListItem, Nodes, Parents, Table, TableRow } from "mdast";
import { createElement, type ReactNode } from "react";
import { OutsideLink } from "../OutsideLink";
import { CodeBlock } from "./CodeBlock";
import type { References } from "./references";
import { NOTHING_KNOWN, parse } from "./syntax";

/**
 * A tree as elements. Only what is named here is ever made of it: no tag, attribute or address of the text's own.
 *
 * Text beside other text or elements gets an element of its own. A page translator puts other elements in the place
 * of text, and what React cannot find any more it cannot take away again.
 */
export function renderTree(parent: Pick<Parents, "children">, to: References): ReactNode {
  return element(
    "div",
    {},
    parent.children.map((child) => renderNode(child, to)),
  );
}

function renderChildren(parent: Pick<Parents, "children">, to: References): ReactNode[] {
  const [only, ...others] = parent.children;
  if (only?.type === "text" && others.length === 0) return [only.value];
  return parent.children.map((child) => renderNode(child, to));
}

function renderNode(node: Nodes, to: References): ReactNode {
  switch (node.type) {
    case "text":
    case "html":
      return <span>{node.value}</span>;
    case "paragraph":
      return element("p", { dir: "auto" }, renderChildren(node, to));
    case "heading":
      // Below the headings of the page, the last of which is the chat's title.
      return element(
        `h${Math.min(6, node.depth + 2)}`,
        { dir: "auto", "data-depth": node.depth, className: HEADING_SIZE[node.depth] },
        renderChildren(node, to),
      );
    case "emphasis":
      return element("em", {}, renderChildren(node, to));
    case "strong":
      return element("strong", {}, renderChildren(node, to));
    case "delete":
      return element("del", {}, renderChildren(node, to));
    case "inlineCode":
      return (
        <code dir="ltr" translate="no">
          {node.value}
        </code>
      );
    case "break":
      return <br />;
    case "code":
      return <CodeBlock language={node.lang ?? ""} text={node.value} />;
    case "blockquote":
      return element("blockquote", { dir: "auto" }, renderChildren(node, to));
    case "thematicBreak":
      return <hr />;
    case "list":
      return renderList(node, to);
    case "table":
      return renderTable(node, to);
    case "link":
      return renderLink(node.url, node, to);
    case "linkReference":
      return renderLink(to.links.get(node.identifier)?.url ?? "", node, to);
    case "image":
    case "imageReference":
      return <span className="text-muted">{node.alt ? `[image: ${node.alt}]` : "[image]"}</span>;
    case "footnoteReference":
      return <sup>{`[${to.notes.get(node.identifier) ?? node.identifier}]`}</sup>;
    default:
      // Definitions are shown where they are used.
      return null;
  }
}

const HEADING_SIZE = ["", "text-lg", "text-base", "text-[15px]"];

function element(tag: string, props: object, children: ReactNode[]): ReactNode {
  return createElement(tag, props, ...children);
}

function renderList(list: List, to: References): ReactNode {
  const isLoose = list.spread || list.children.some((item) => item.spread);
  const items = list.children.map((item) => renderItem(item, isLoose, to));
  const start = list.ordered && list.start !== 1 ? { start: list.start } : {};
  // Numbers of many digits need room before their items.
  const last = (list.start ?? 1) + list.children.length - 1;
  const digits = list.ordered && last > 99 ? { "data-digits": Math.min(String(last).length, 9) } : {};
  return element(list.ordered ? "ol" : "ul", { dir: "auto", ...start, ...digits }, items);
}

function renderItem(item: ListItem, isLoose: boolean, to: References): ReactNode {
  const children = item.children.map((child) => {
    if (child.type !== "paragraph") return renderNode(child, to);
    return element(isLoose ? "p" : "span", isLoose ? { dir: "auto" } : {}, renderChildren(child, to));
  });
  const { checked } = item;
  if (typeof checked !== "boolean") return element("li", {}, children);
  const box = (
    <input
      type="checkbox"
      checked={checked}
      readOnly
      disabled
      aria-label={checked ? "done" : "open"}
      className="me-2 size-3.5 align-[-0.15em] accent-accent"
    />
  );
  return element("li", { className: "task" }, [box, ...children]);
}

function renderTable(table: Table, to: References): ReactNode {
  const [head, ...body] = table.children;
  const row = (cells: TableRow, tag: "th" | "td") => element("tr", {}, renderRow(cells, tag, table.align ?? [], to));
  return (
    <figure aria-label="Table" tabIndex={0} className="overflow-x-auto">
      <table>
        {head && <thead>{row(head, "th")}</thead>}
        {body.length > 0 &&
          element(
            "tbody",
            {},
            body.map((cells) => row(cells, "td")),
          )}
      </table>
    </figure>
  );
}

/** As many cells as the table has columns, whatever the row has. */
function renderRow({ children }: TableRow, tag: "th" | "td", columns: AlignType[], to: References): ReactNode[] {
  return columns.map((textAlign, index) => {
    const parts = children[index]?.children ?? [];
    const content = parts.map((node) => renderNode(isLineBreak(node) ? { type: "break" } : node, to));
    return element(tag, { dir: "auto", ...(textAlign ? { style: { textAlign } } : {}) }, content);
  });
}

/** A cell has no other way to begin a new line. */
function isLineBreak(node: Nodes): boolean {
  return node.type === "html" && /^<br\s*\/?>$/i.test(node.value);
}

/** Where a bare address ends in a text that puts no space behind it. */
const FULL_WIDTH_PUNCTUATION = /[\u2018-\u201f\u2026\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/;

function renderLink(url: string, node: Pick<Parents, "children">, to: References): ReactNode {
  const [label] = node.children;
  const end = label?.type === "text" && label.value === url ? url.search(FULL_WIDTH_PUNCTUATION) : -1;
  if (end > 0) {
    const address = url.slice(0, end);
    const link = renderLink(address, { children: [{ type: "text", value: address }] }, to);
    // What was taken for a part of the address has not been read as Markdown yet.
    const [rest] = parse(url.slice(end), NOTHING_KNOWN).children;
    return element("span", {}, [link, rest?.type === "paragraph" && element("span", {}, renderChildren(rest, to))]);
  }
  return createElement(OutsideLink, { url, label: textOf(node) }, ...renderChildren(node, to));
}

/** What is shown of a label, with a mark for what is no text. */
function textOf(node: Pick<Parents, "children">): string {
  const parts = node.children.map((child) => {
    if ("value" in child) return child.value;
    return "children" in child ? textOf(child) : "\ufffc";
  });
  return parts.join("");
}
