import { readStyle, scopeClasses } from "./css";
import { dataUrl, extension } from "./files";
import { type Files, textOf } from "./resolve";

/** A file that is not a script as a module: what importing it gives. */
export interface View {
  code: string;
  css: string | null;
}

/** `query` is how it is wanted: `raw`, `url`, `react`, `inline`, or nothing. */
export function viewOf(path: string, query: string, files: Files): View {
  const text = textOf(files, path);
  const kind = extension(path);
  if (query === "url" || typeof files.get(path) === "object") return value(dataUrl(path, files));
  if (query === "raw") return value(text);
  if (kind === "css") return style(path, query, files);
  if (kind === "json") return json(text);
  if (kind === "svg") {
    return query === "react"
      ? drawing(text)
      : { code: `${value(dataUrl(path, files)).code}${component(text)}`, css: null };
  }
  return value(/^(txt|md|csv|html|xml)$/.test(kind) ? text : dataUrl(path, files));
}

const MODULE = '"use strict";Object.defineProperty(exports,"__esModule",{value:true});';

function value(content: unknown): View {
  return { code: `${MODULE}exports.default=${JSON.stringify(content)};`, css: null };
}

function style(path: string, query: string, files: Files): View {
  const css = readStyle(path, files);
  if (query === "inline") return value(css);
  if (!/\.module\.css$/.test(path)) return { code: MODULE, css };
  const scoped = scopeClasses(path, css);
  const names = JSON.stringify([...scoped.names]);
  const code = `${MODULE}for(const[name,full]of ${names})exports[name]=full;exports.default=Object.fromEntries(${names});`;
  return { code, css: scoped.css };
}

/** What is not JSON is an error where it is imported, as in a bundler. */
function json(text: string): View {
  JSON.parse(text);
  const code = `${MODULE}const value=exports.default=JSON.parse(${JSON.stringify(text)});`;
  // Further names are those of its properties; one called "default" stays within.
  return {
    code: `${code}for(const name in value)if(name!=="default"&&name!=="__esModule")exports[name]=value[name];`,
    css: null,
  };
}

function drawing(text: string): View {
  return { code: `${MODULE}${component(text)}exports.default=exports.ReactComponent;`, css: null };
}

/** The drawing as a component that takes the properties of an svg element. */
function component(text: string): string {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const attributes = new Map<string, string>();
  for (const { name, value: content } of svg.attributes) {
    if (name !== "style" && name !== "class") attributes.set(propertyName(name), content);
  }
  const inner = JSON.stringify({ __html: svg.innerHTML });
  const own = JSON.stringify(Object.fromEntries(attributes));
  return `exports.ReactComponent=function Svg(props){return require("react").createElement("svg",{...${own},...props,dangerouslySetInnerHTML:${inner}})};`;
}

function propertyName(attribute: string): string {
  return /^(data|aria)-/.test(attribute) || attribute === "xmlns"
    ? attribute
    : attribute.replace(/[-:]([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
