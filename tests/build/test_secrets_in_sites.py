"""What must not be public is refused by its name, and its value is told to nobody."""

import base64

import pytest
from site_files import MAIN, PAGE, refused, site

from aicode.api_types import FoundProblem

KEY = "sk_live_" + "51H8abcdefghijkl"
ANON = "eyJhbGciOiJIUzI1NiJ9" + ".eyJyb2xlIjoiYW5vbiIsImlzcyI6InN1cGFiYXNlIn0.c2lnbmF0dXJlLW9mLXRoaXM"
FOR_A_BROWSER = "AIza" + "SyA1234567890abcdefghijklmnopqrstuv"
AT_A_SHOP = "@db.example.com/shop"


def app(code: str) -> dict[str, str | bytes]:
    return {"index.html": PAGE.format(MAIN), "src/main.ts": "", "src/main.tsx": code}


async def problem_of(files: dict[str, str | bytes], secret: str) -> FoundProblem:
    [problem] = await refused(files)
    assert problem["code"] == "secret"
    assert secret not in problem["message"]
    return problem


@pytest.mark.parametrize(
    ("line", "name", "secret"),
    [
        (f'const STRIPE_SECRET_KEY = "{KEY}";', "STRIPE_SECRET_KEY", KEY),
        (f'const stripe = "{KEY}";', "stripe", KEY),
        ('const config = { dbPassword: "hunter2-hunter2" };', "dbPassword", "hunter2-hunter2"),
        ("const clientSecret = `a1b2c3d4e5f6`;", "clientSecret", "a1b2c3d4e5f6"),
        ('let apiToken: string = "f00dbabe1234567890";', "apiToken", "f00dbabe1234567890"),
        ('const appSecret =\n  "a1b2c3d4e5f6";', "appSecret", "a1b2c3d4e5f6"),
        ('const DB_PASSWORD = "hunter2";', "DB_PASSWORD", "hunter2"),
        ('const passwd = "pässwört1";', "passwd", "pässwört1"),
    ],
)
async def test_a_variable_with_a_secret_is_named_with_its_line(line: str, name: str, secret: str):
    used = {"const config": "config.dbPassword", "let": "apiToken"}
    expression = next((value for start, value in used.items() if line.startswith(start)), name)

    problem = await problem_of(app(f"// The shop\n{line}\nconsole.log({expression});"), secret)

    assert name in problem["message"]
    assert (problem["path"], problem["line"]) == ("src/main.tsx", 2)


@pytest.mark.parametrize(
    "line",
    [
        'const key = "sk_live_" + "51H8abcdefghijkl";',
        'const key = `${"sk_live_"}51H8abcdefghijkl`;',
        f'const key = atob("{base64.b64encode(KEY.encode()).decode()}");',
        f'const key = "postgres://shop:hunter2-hunter2{AT_A_SHOP}";',
        'const key = { Authorization: "Bearer 0123456789abcdef0123456789abcdef" };',
        'const key = {} as any; key["apiSecret"] = "a1b2c3d4e5f6";',
    ],
)
async def test_a_secret_in_disguise_is_refused_with_its_line(line: str):
    [problem] = await refused(app(f"// The shop\n{line}\nconsole.log(key);"))

    assert (problem["path"], problem["line"], problem["code"]) == ("src/main.tsx", 2, "secret")


async def test_a_key_of_which_no_line_has_a_part_is_refused_too():
    escaped = "".join(f"\\x{ord(letter):02x}" for letter in KEY)

    problem = await problem_of(app(f'console.log("{escaped}");'), KEY)

    assert problem["path"] == ""


@pytest.mark.parametrize(
    ("name", "value", "file"),
    [
        ("VITE_STRIPE_SECRET", KEY, ".env"),
        ("VITE_PAYMENT", KEY, ".env.production"),
        ("VITE_ADMIN_PASSWORD", "swordfish", ".env.local"),
        ("VITE_API_TOKEN", "onlylettersinthisone", ".env"),
    ],
)
async def test_a_variable_of_the_environment_is_refused_where_it_gets_into_the_bundle(
    name: str, value: str, file: str
):
    files = app(f"console.log(import.meta.env.{name});")
    files[file] = f"{name}={value}\n"

    problem = await problem_of(files, value)

    assert f"{name} of {file}" in problem["message"]


async def test_a_variable_that_gets_into_the_bundle_with_the_whole_environment_is_refused():
    files = app("console.log(import.meta.env);")
    files |= {".env": f"VITE_A=1\nVITE_PAYMENT={KEY}\n", "src/unused.ts": "import.meta.env.VITE_PAYMENT;"}

    problem = await problem_of(files, KEY)

    assert (problem["path"], problem["line"]) == (".env", 2)


async def test_only_the_variables_that_code_asks_for_get_into_the_bundle():
    files = app("console.log(import.meta.env.VITE_TITLE);")
    files |= {
        ".env": "VITE_TITLE=Shop\nVITE_OTHER=elsewhere\n",
        "src/unused.ts": "import.meta.env.VITE_OTHER;",
    }

    code = b"".join((await site(files)).values())

    assert b"Shop" in code
    assert b"elsewhere" not in code


async def test_a_file_of_secrets_that_code_imports_is_refused():
    files = app('import { key } from "./secrets";\nconsole.log(key);')
    files["src/secrets.ts"] = 'export const key = "whatever";'

    problem = await problem_of(files, "whatever")

    assert problem["path"] == "src/secrets.ts"


async def test_a_key_in_a_file_that_is_published_as_it_is_is_refused():
    files = {**app("console.log(1);"), "public/config.json": f'{{\n  "stripe": "{KEY}"\n}}'}

    problem = await problem_of(files, KEY)

    assert (problem["path"], problem["line"]) == ("public/config.json", 2)


@pytest.mark.parametrize("path", ["public/secrets.json", "data/credentials.csv"])
async def test_a_file_of_secrets_that_the_app_asks_for_at_run_time_is_refused(path: str):
    files = {**app(f'fetch("/{path.removeprefix("public/")}");'), path: "whatever"}

    problem = await problem_of(files, "whatever")

    assert problem["path"] == path


async def test_environment_files_and_files_of_keys_are_in_no_site():
    files = app("console.log(1);")
    for path in (".env", "public/.env", "public/.env.local", "public/server.key", "public/secrets/a.txt"):
        files[path] = f"STRIPE={KEY}\n"

    assert KEY.encode() not in b"".join((await site(files)).values())


@pytest.mark.parametrize(
    "line",
    [
        f'const unused = "{KEY}";\nconsole.log("unused is left out");',
        'const publishable = "pk_live_51H8abcdefghijkl"; console.log(publishable);',
        f'const anonKey = "{ANON}"; console.log(anonKey);',
        f'const apiKey = "{FOR_A_BROWSER}"; console.log(apiKey);',
        'const passwordLabel = "Your password"; console.log(passwordLabel);',
        'const TOKEN_KEY = "todo-token-v1-storage"; console.log(TOKEN_KEY);',
        'const secretWord = "elephant"; console.log(secretWord);',
        'const PUBLIC_API_KEY = "f00dbabe1234567890"; console.log(PUBLIC_API_KEY);',
        f'const example = "postgres://user:password{AT_A_SHOP}"; console.log(example);',
        'document.body.className = "sk-fading-circle-of-dots-12";',
    ],
)
async def test_what_is_no_secret_or_is_not_in_the_bundle_is_published(line: str):
    await site(app(line))
