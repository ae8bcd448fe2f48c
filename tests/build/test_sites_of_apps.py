"""What is published of an app."""

import re

import pytest
from site_files import MAIN, PAGE, built, one, refused, site

LOGO = bytes(range(256)) * 5
START = 'import { createRoot } from "react-dom/client";\ncreateRoot(document.getElementById("root")!)'


def app(shown: str, more: str = "") -> str:
    return f"{more}\n{START}.render({shown});"


async def test_scripts_and_styles_have_the_hash_of_their_content_in_their_names():
    files = await site(
        {
            "index.html": PAGE.format(MAIN),
            "src/main.tsx": app("<h1>Hello</h1>", 'import "./main.css";'),
            "src/main.css": "h1 { color: #ff0000 }",
        }
    )

    page = files["index.html"].decode()
    [script] = re.findall(r'src="/(_assets/main-[A-Z0-9]{8}\.js)"', page)
    [sheet] = re.findall(r'href="/(_assets/main-[A-Z0-9]{8}\.css)"', page)
    assert files.keys() == {"index.html", script, sheet}
    assert files[sheet] == b"h1{color:red}\n"


async def test_the_page_stays_as_it_was_written_but_for_what_was_built():
    # A form feed and U+2028 end a line for Python, and not for HTML.
    written = PAGE.format(f"<p>a &amp; b\f\u2028c</p>\n{MAIN}\n").replace(
        "<title>", '<meta name="description" content="x"><link rel="icon" href="/logo.png"><title>'
    )
    files = await site(
        {"index.html": written, "src/main.tsx": app("<h1>Hello</h1>"), "public/logo.png": LOGO}, "/shop/"
    )

    page = files["index.html"].decode()
    script = re.sub(r'src="[^"]*main-[^"]*"', 'src="/src/main.tsx"', page)
    assert script == written.replace('href="/logo.png"', 'href="/shop/logo.png"')


async def test_an_app_without_a_page_gets_one():
    files = await site({"src/App.tsx": "export default function App() { return <h1>Hello</h1>; }"})

    assert '<div id="root"></div>' in files["index.html"].decode()
    assert '"Hello"' in one(files, "_assets/", ".js")


async def test_what_lies_in_public_and_what_is_imported_keep_every_byte():
    files = await site(
        {
            "index.html": PAGE.format(MAIN),
            "src/main.tsx": app("<img src={logo} />", 'import logo from "./logo.png";'),
            "src/logo.png": LOGO,
            "public/fonts/a.woff2": LOGO,
            "public/robots.txt": "User-agent: *\n",
        }
    )

    assert files["fonts/a.woff2"] == LOGO
    assert files["robots.txt"] == b"User-agent: *\n"
    [imported] = [path for path in files if re.fullmatch(r"_assets/logo-[A-Z0-9]{8}\.png", path)]
    assert files[imported] == LOGO
    assert f"/{imported}" in one(files, "_assets/", ".js")


async def test_files_that_the_app_asks_for_by_their_address_are_there_and_no_others():
    files = await site(
        {
            "index.html": PAGE.format('<img src="pictures/a.png">' + MAIN),
            "src/main.tsx": app("<p />", 'fetch("/data/cities.json");'),
            "data/cities.json": "[]",
            "data/other.json": "[]",
            "pictures/a.png": LOGO,
            "AGENTS.md": "Be kind.",
            "package.json": "{}",
        }
    )

    assert {path for path in files if not path.startswith("_assets/")} == {
        "index.html",
        "data/cities.json",
        "pictures/a.png",
    }


async def test_an_app_of_plain_pages_keeps_its_scripts_and_its_links():
    files = await site(
        {
            "index.html": '<link rel="stylesheet" href="style.css"><a href="/about.html">About</a>'
            '<script src="app.js"></script><script>show(1 < 2)</script>',
            "about.html": '<link rel="stylesheet" href="style.css"><p>About</p>',
            "app.js": "function show(text) { document.title = text }",
            "style.css": "p { margin: 0 }",
        },
        "/shop/",
    )

    page = files["index.html"].decode()
    assert '<script src="/shop/app.js"></script><script>show(1 < 2)</script>' in page
    assert '<a href="/shop/about.html">' in page
    assert files["app.js"] == b"function show(text) { document.title = text }"
    assert one(files, "_assets/style-", ".css") == "p{margin:0}\n"
    assert re.search(r'href="/shop/_assets/style-[A-Z0-9]{8}\.css"', files["about.html"].decode())


async def test_modules_within_the_page_are_built_too_an_empty_one_and_one_behind_tailwind_of_the_app():
    first = '<script type="module"></script><script src="/tailwindcss.js"></script>'
    files = await site(
        {
            "tailwindcss.js": "",
            "index.html": PAGE.format(
                first + '<script type="module">import { x } from "./x.js"; alert(x)</script>'
            ),
            "x.js": 'export const x = "found";',
        }
    )

    assert "alert" not in files["index.html"].decode()
    assert [b'"found"' in data for path, data in files.items() if path.endswith(".js")].count(True) == 1


@pytest.mark.parametrize(
    "sheet",
    ['@import "tailwindcss";', "@tailwind base;\n@tailwind components;\n@tailwind utilities;"],
    ids=["4", "3"],
)
async def test_tailwind_is_compiled_for_the_classes_that_stand_in_the_sources(sheet: str):
    files = await site(
        {
            "index.html": PAGE.format(MAIN).replace("<body>", '<body class="bg-slate-100">'),
            "src/main.tsx": app('<h1 className={on ? "md:p-[13px]" : "text-brand"} />', 'import "./a.css";'),
            "src/a.css": sheet + "\n@theme { --color-brand: #123456 }\n.card { @apply rounded-xl }",
        }
    )

    css = one(files, "_assets/", ".css")
    for rule in (r".bg-slate-100{", r".md\:p-\[13px\]{padding:13px}", ".text-brand{", ".card{border-radius"):
        assert rule in css
    assert "@apply" not in css
    assert "@theme" not in css
    assert ".flex{" not in css


async def test_a_page_that_loads_tailwind_from_elsewhere_gets_its_classes_instead():
    files = await site(
        {"index.html": '<script src="https://cdn.tailwindcss.com"></script><p class="mt-4 font-bold">Hi</p>'}
    )

    assert "<script" not in files["index.html"].decode()
    assert ".font-bold{" in one(files, "_assets/", ".css")


async def test_what_tailwind_cannot_do_here_is_a_problem_in_plain_words():
    [problem] = await refused(
        {
            "index.html": PAGE.format(MAIN),
            "src/main.tsx": app("<p />", 'import "./a.css";'),
            "src/a.css": '@import "tailwindcss";\n@plugin "./evil.js";',
            "src/evil.js": "export default () => { throw 1 }",
        }
    )

    assert "plug-ins" in problem["message"]


async def test_variables_for_the_page_are_put_in_and_no_others():
    files = await site(
        {
            "index.html": PAGE.format(MAIN),
            "src/main.tsx": app(
                "<p>{[import.meta.env.VITE_TITLE, import.meta.env.MODE, import.meta.env.DB]}</p>"
            ),
            ".env": "VITE_TITLE='My title' \nexport DB=postgres://nobody\nVITE_LEFT=unused-value\n",
            ".env.production": 'VITE_TITLE="For everybody"\n',
        }
    )

    script = one(files, "_assets/", ".js")
    assert '"For everybody"' in script
    assert '"production"' in script
    assert "My title" not in script
    assert "postgres" not in script
    assert "unused-value" not in script


async def test_an_app_that_cannot_be_bundled_is_refused_with_the_place():
    [problem] = await refused(
        {"index.html": PAGE.format(MAIN), "src/main.tsx": 'import "./absent";\nimport React from "react";'}
    )

    assert (problem["path"], problem["line"]) == ("src/main.tsx", 1)
    assert "absent" in problem["message"]


async def test_an_app_without_page_and_script_has_nothing_to_publish():
    [problem] = await refused({"README.md": "# Nothing yet"})

    assert "nothing to publish" in problem["message"]


async def test_the_same_app_makes_the_same_site():
    files = {"index.html": PAGE.format(MAIN), "src/main.tsx": app("<h1>Hello</h1>")}

    assert await built(files) == await built(files)
