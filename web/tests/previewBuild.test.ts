import { expect, test } from "vitest";
import { Builder } from "../src/preview/engine/build";
import { isProvided } from "../src/preview/engine/packageNames";
import { readStack } from "../src/preview/engine/stack";
import type { AppFiles, Asset } from "../src/preview/model";

type Contents = Record<string, string | Asset>;

const files = (contents: Contents): AppFiles => new Map(Object.entries(contents));
const MAIN =
  'import { createRoot } from "react-dom/client";\nimport App from "./App";\ncreateRoot(document.body).render(<App />);';

async function build(texts: Contents, route = "/") {
  return new Builder().build(files(texts), route);
}

async function built(texts: Contents, route = "/") {
  const result = await build(texts, route);
  if (result.kind !== "app") throw new Error(JSON.stringify(result));
  return result.app;
}

async function problem(texts: Record<string, string>) {
  const result = await build(texts);
  return result.kind === "problem" ? result.problem : null;
}

/** Runs a module that imports nothing, as the frame does. */
function run(code: string): Record<string, unknown> {
  const exports: Record<string, unknown> = {};
  const module = { exports };
  new Function("require", "module", "exports", "import_local", "import_tick", code)(
    null,
    module,
    exports,
    () => {},
    () => true,
  );
  return module.exports;
}

test.each([
  [
    "index.html",
    { "index.html": '<div id="x"></div><script type="module" src="/src/start.ts"></script>', "src/start.ts": "" },
  ],
  ["src/main.tsx", { "src/main.tsx": "" }],
  ["index.js", { "index.js": "" }],
  ["the component of src/App.tsx", { "src/App.tsx": "export default () => null;" }],
  ["the first page of a Next app", { "app/page.tsx": "export default function Page() { return null; }" }],
  ["HTML alone", { "index.html": "<h1>Hello</h1>" }],
])("an app begins with %s", async (_, texts) => {
  expect((await build(texts)).kind).toBe("app");
});

test("without a beginning there is nothing to run", async () => {
  expect((await build({ "README.md": "# Soon" })).kind).toBe("empty");
});

test("an address leads to the page of that name, or to index.html", async () => {
  const texts = { "index.html": "<h1>Home</h1>", "about.html": "<h1>About</h1>", "blog/index.html": "<h1>Blog</h1>" };

  expect((await built(texts, "/about")).page).toBe("about.html");
  expect((await built(texts, "/about.html?from=menu")).page).toBe("about.html");
  expect((await built(texts, "/blog/")).page).toBe("blog/index.html");
  expect((await built(texts, "/products/7")).page).toBe("index.html");
});

test.each([
  ["./Card", "src/Card.tsx"],
  ["../lib/cn", "lib/cn.ts"],
  ["@/Card", "src/Card.tsx"],
  ["./parts", "src/parts/index.ts"],
  ["./Card.js", "src/Card.tsx"],
  ["#ui/Card", "src/Card.tsx"],
  ["/src/Card", "src/Card.tsx"],
])("an import of %s is found", async (specifier, path) => {
  const app = await built({
    "src/main.tsx": `import ${JSON.stringify(specifier)};`,
    "src/Card.tsx": "",
    "lib/cn.ts": "",
    "src/parts/index.ts": "",
    "tsconfig.json": '{ "compilerOptions": { /* short */ "paths": { "#ui/*": ["./src/*"] } } }',
  });

  expect([...app.modules.keys()]).toEqual(["src/main.tsx", path]);
});

test("a package that is not there is named, with the place of its import", async () => {
  expect(
    await problem({ "src/main.tsx": '// A globe\nimport { Canvas } from "@react-three/fiber/native";\nCanvas();' }),
  ).toEqual({
    kind: "missing",
    message: 'The package "@react-three/fiber" is not available in the preview.',
    packageName: "@react-three/fiber",
    at: { path: "src/main.tsx", line: 2, column: 19 },
  });
});

test("a file that is not there is named, and is no package", async () => {
  const found = await problem({ "src/main.tsx": 'import { a } from "./gone";\na();' });

  expect(found).toMatchObject({ kind: "missing", at: { path: "src/main.tsx", line: 1 } });
  expect(found?.message).toContain("src/gone");
  expect(found?.packageName).toBeUndefined();
});

test("what is only mentioned, only a type, or only asked for later, is not missed", async () => {
  const text = `import type { Three } from "three";\nconst help = "const fs = require('fs')";\nexport const later = () => import("chart.js");\nexport type T = Three;\nhelp;`;

  expect((await build({ "src/main.ts": text })).kind).toBe("app");
});

test("a mistake is told with its line and column", async () => {
  expect(
    await problem({ "src/main.tsx": MAIN, "src/App.tsx": "export default function App() {\n  const a = ;\n}" }),
  ).toMatchObject({
    kind: "syntax",
    at: { path: "src/App.tsx", line: 2, column: 13 },
  });
  expect(await problem({ "src/main.ts": 'import "./a.json";', "src/a.json": "{" })).toMatchObject({
    kind: "syntax",
    at: { path: "src/a.json" },
  });
});

test("a mistake in a file that nobody imports changes nothing", async () => {
  expect((await build({ "src/main.ts": "", "src/old.ts": "const =" })).kind).toBe("app");
});

test("only what has changed is another module", async () => {
  const builder = new Builder();
  const texts = { "src/main.tsx": MAIN, "src/App.tsx": "export default () => <p>1</p>;" };
  const before = await builder.build(files(texts), "/");
  const after = await builder.build(files({ ...texts, "src/App.tsx": "export default () => <p>2</p>;" }), "/");
  if (before.kind !== "app" || after.kind !== "app") throw new Error("not built");

  expect(after.app.modules.get("src/main.tsx")).toBe(before.app.modules.get("src/main.tsx"));
  expect(after.app.modules.get("src/App.tsx")).not.toBe(before.app.modules.get("src/App.tsx"));
});

test("files are imported as what they are", async () => {
  const app = await built({
    "src/main.ts":
      'import "./a.json"; import "./a.txt?raw"; import "./a.svg"; import "./a.module.css"; import "./b.json";',
    "src/a.json": '{ "name": "Ada", "default": 1, "__proto__": 2 }',
    "src/b.json": "[1, 2]",
    "src/a.txt": "plain",
    "src/a.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "src/a.module.css": ".card:hover, .card > .title { color: red }",
  });
  const exportsOf = (id: string) => run(app.modules.get(id)?.code ?? "");
  const card = exportsOf("src/a.module.css").card as string;

  expect(exportsOf("src/a.json")).toMatchObject({ name: "Ada", default: { name: "Ada", default: 1 } });
  expect(exportsOf("src/b.json").default).toEqual([1, 2]);
  expect(exportsOf("src/a.txt?raw").default).toBe("plain");
  expect(exportsOf("src/a.svg").default).toMatch(/^data:image\/svg\+xml/);
  expect(card).toMatch(/^card_\w+$/);
  expect(app.modules.get("src/a.module.css")?.css).toContain(`.${card}:hover, .${card} >`);
});

test("a style sheet brings what it imports, and its pictures", async () => {
  const app = await built({
    "src/main.ts": 'import "./main.css";',
    "src/main.css":
      '@import "tailwindcss";\n@import "./base.css";\n@import url("print.css") print;\n.a { background: url(./dot.svg) }',
    "src/base.css": "body { margin: 0 }",
    "src/print.css": "nav { display: none }",
    "src/dot.svg": "<svg/>",
  });
  const css = app.modules.get("src/main.css")?.css ?? "";

  expect(css).toContain('@import "tailwindcss";');
  expect(css).toContain("body { margin: 0 }");
  expect(css).toMatch(/@media print \{\s*nav/);
  expect(css).toContain('url("data:image/svg+xml');
  expect(app.document.tailwind).toBe(true);
});

test("what is no text is a data: URL wherever it is named", async () => {
  const png = { url: "data:image/png;base64,AAAA" };
  const font = { url: "data:font/woff2;base64,AAAA" };
  const app = await built({
    "index.html":
      '<style>b { background: url(/hero.png) }</style><img src="public/hero.png"><p style="background: url(hero.png)"></p><video poster="/hero.png"></video><script type="module" src="/src/main.ts"></script>',
    "src/main.ts": 'import "./logo.png"; import "./logo.png?url"; import "./main.css";',
    "src/main.css":
      '@font-face { src: url("./own.woff2?v=2") format("woff2"), url(own.woff2#iefix) }\n.a { background: url(/hero.png) }',
    "src/logo.png": png,
    "src/own.woff2": font,
    "public/hero.png": png,
  });

  expect(run(app.modules.get("src/logo.png")?.code ?? "").default).toBe(png.url);
  expect(run(app.modules.get("src/logo.png?url")?.code ?? "").default).toBe(png.url);
  const css = app.modules.get("src/main.css")?.css ?? "";
  expect(css.split(font.url)).toHaveLength(3);
  expect(css).toContain(`url("${png.url}")`);
  expect(app.document.html.split(png.url)).toHaveLength(5);
  expect(app.assets).toContainEqual(["/hero.png", png.url]);
});

test("of an HTML page the scripts run in their order, and none comes from elsewhere", async () => {
  const app = await built({
    "index.html": `<link rel="stylesheet" href="style.css"><script src="https://cdn.example/x.js"></script>
      <script src="js/a.js"></script><script type="module">import "./b.js";</script><script>last()</script>`,
    "style.css": "p { color: red }",
    "js/a.js": "first()",
    "b.js": "",
  });

  expect(app.document.html).not.toContain("<script");
  expect(app.document.html).not.toContain("style.css");
  expect(app.document.scripts.map((script) => (script.kind === "module" ? script.id : script.code))).toEqual([
    "style.css",
    expect.stringContaining("console.warn"),
    "first()",
    "last()",
    expect.stringMatching(/^index\.html-/),
  ]);
});

test("names of files that are names of objects' parts are names like any other", async () => {
  const app = await built({
    "src/main.ts": 'import "./__proto__"; import "./constructor";',
    "src/__proto__.ts": "",
    "src/constructor.ts": "",
  });

  expect([...app.modules.keys()].sort()).toEqual(["src/__proto__.ts", "src/constructor.ts", "src/main.ts"]);
});

test("icons are taken by name, and the package as a whole where names do not say", async () => {
  const icons = async (text: string) => {
    const app = await built({ "src/main.tsx": text });
    const dependency = app.modules
      .get("src/main.tsx")
      ?.dependencies.find(({ specifier }) => specifier === "lucide-react");
    return dependency?.target.kind === "package" ? dependency.target.icons : undefined;
  };

  expect(
    await icons(
      'import { Camera, type LucideIcon, Star as Favourite } from "lucide-react";\nexport const a = [Camera, Favourite];',
    ),
  ).toEqual(["Camera", "Star"]);
  expect(await icons('import * as icons from "lucide-react";\nexport const a = icons;')).toBeNull();
  expect(isProvided("react-router-dom")).toBe(true);
});

test.each([
  ["Chromium", "at Tags (app:///src/App.tsx:3:25)\n    at a (http://x/y.js:1:1)"],
  ["Firefox", "Tags@app:///src/App.tsx:3:25\na@http://x/y.js:1:1"],
])("a stack of %s is told in places of the files as they were written", (_, stack) => {
  const source =
    "interface A { b?: string[] }\nexport function Tags({ a }: { a: A }) {\n  for (const x of a.b!.map((y) => y)) console.log(x);\n}";

  expect(readStack(stack, new Map([["src/App.tsx", source]]))).toEqual([
    { text: "Tags (src/App.tsx:3:24)", at: { path: "src/App.tsx", line: 3, column: 24 } },
  ]);
});

test("loops are looked after without a line or a place being moved", async () => {
  const source = `let n = 0;\nfor (;;) { if (n++ > 3) break; }\nwhile (n < 9) n++;\ndo n++; while (n < 20);\nfor (const x of [1]) { n += x; }\nfor (const k in { a: 1 }) n += k.length;\nfor (let i = 0, j = [1, 2].length; i < j; i++) n++;\nexport const end = n; export const text = "while (true)"; export const o = { while: 1, for: 2 }; export const re = /for \\(/;`;
  const app = await built({ "src/main.ts": source });
  const code = app.modules.get("src/main.ts")?.code ?? "";

  expect(run(code)).toMatchObject({ end: 24, text: "while (true)", o: { while: 1, for: 2 } });
  expect(code.match(/import_tick\(\)/g)).toHaveLength(5);
  expect(code.split("\n")[2]).toContain("n < 9");
});
