"""What may be sent out of an app: no key, nothing of a file of secrets; and words about code all the same."""

import base64
import random
import time
from urllib.parse import quote

import pytest

from chat.agent.tools.leak import Secret, leak

SECRET = "Zk39canary8841qPw7LmN2x0"
FILE = Secret(".env", "API_URL=https://api.example.test\nTOKEN=9fK2mQ7xLp40ZtRw8sVb\n")
KEYS = [
    "sk-ant-" + "api03-Q2hhbmdlIG1lIHBsZWFzZQ",
    "sk-proj-4Zr81kQpXw2TnB7v",
    "sk_" + "live_51H8xPq2eZvKYlo2C",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_" + "11ABCDEFG0aBcDeFgHiJkL",
    "xoxb-" + "2345678901-abcdefghij",
    "SG." + "a1B2" * 5 + "." + "c3D4" * 10,
    "whsec_" + "a1B2" * 8,
    "sb_secret_" + "a1B2" * 8,
    "GOCSPX-" + "a1B2" * 7,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----",
    "wJalrXUtnFEMI7K7MDENGbPxRfiCYEX4MPLEKEY9",
]
WAYS = {
    "plain": [f"what is {SECRET}"],
    "in capitals, spaced": [" ".join(SECRET.upper())],
    "with signs": ["-".join(SECRET)],
    "a part": [SECRET[3:20]],
    "backwards": [SECRET[::-1]],
    "percent": [quote(SECRET).replace("Z", "%5a").replace("k", "%6B")],
    "percent of all": ["".join(f"%{byte:02x}" for byte in SECRET.encode())],
    "base64": [base64.b64encode(SECRET.encode()).decode()],
    "base64 within words": [base64.b64encode(f"see {SECRET} there".encode()).decode()[1:]],
    "base64 twice": [base64.b64encode(base64.b64encode(SECRET.encode())).decode()],
    "base32": [base64.b32encode(SECRET.encode()).decode()],
    "hex": [SECRET.encode().hex(" ")],
    "pieces": [f"react {SECRET[:8]}", f"{SECRET[8:16]} hooks", f"vue {SECRET[16:]} x"],
    "pieces, in another order": [SECRET[12:], SECRET[:12]],
    "pieces in base64": [base64.b64encode(SECRET[n : n + 12].encode()).decode() for n in (0, 12)],
}
# Names of variables are no secrets, and what is on everybody's machine no clue.
SETTINGS = Secret(
    ".env",
    "GOOGLE_SERVICE_ACCOUNT_BASE64=\nS3_UPLOADS_BUCKET_REGION=eu\nexport DATABASE_URL_POSTGRES_V2=\n"
    "NEXT_PUBLIC_SUPABASE_URL=https://x.test\n",
)
ABOUT_SETTINGS = [
    "google sheets api node service account append rows example",
    "aws s3 bucket region access denied uploads",
    "sentry browser tracing, postgres database url",
    "NEXT_PUBLIC_SUPABASE_URL undefined in next.js",
]
HARMLESS = [
    "react 20 release notes useEffectEvent",
    "sk-learn-contrib imbalanced datasets",
    "@radix-ui/react-navigation-menu changelog 1.2.14",
    "git revert 3f2a1b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a",
    "what is 550e8400-e29b-41d4-a716-446655440000",
    "getServerSidePropsWithAuthentication2FactoryProvider",
    "TypeError: Cannot read properties of undefined (reading 'map') at App.tsx:42:17",
    "BEGIN CERTIFICATE pem format explained",
    "where do I find my API token",
]


@pytest.mark.parametrize("queries", WAYS.values(), ids=WAYS.keys())
def test_a_secret_is_known_however_it_is_said(queries: list[str]) -> None:
    secrets = [FILE, Secret("a.pem", f"key\n{SECRET}\n")]

    reason = leak(queries, secrets, "")

    assert reason is not None
    assert SECRET not in reason
    assert leak(["react hooks"], secrets, "") is None


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_not_sent_whether_or_not_a_file_has_it(key: str) -> None:
    assert leak([f"what is {key}"], [], "") is not None
    assert leak([base64.b64encode(key.encode()).decode()], [], "") is not None
    assert leak([f"what is {key}"], [], f"Look up what {key} is") is None


@pytest.mark.parametrize("query", HARMLESS)
def test_words_about_code_are_sent(query: str) -> None:
    assert leak([query], [FILE], "") is None
    assert leak([*HARMLESS, query], [FILE], "") is None


def test_what_variables_are_called_is_no_secret() -> None:
    for n in range(len(ABOUT_SETTINGS)):
        assert leak(ABOUT_SETTINGS[: n + 1], [SETTINGS], "") is None


@pytest.mark.parametrize("value", ["p@ss-w0rd!-Qx#9-zz!", "hunter2-Prod-9Xk"])
def test_the_signs_of_a_secret_count_among_its_characters(value: str) -> None:
    assert leak([f"what is {value} for"], [Secret(".env", f"DB_PASSWORD={value}\n")], "") is not None
    assert (
        leak([f"what is {value} for"], [Secret(".env", f"DB_PASSWORD={value}\n")], f"It is {value}") is None
    )


def test_a_long_value_is_not_met_by_chance() -> None:
    value = base64.b64encode(random.Random(7).randbytes(9_000)).decode()  # noqa: S311 - no secret

    assert leak(HARMLESS, [Secret(".env", f"SERVICE_ACCOUNT={value}\n")], "") is None


def test_fifteen_characters_in_a_row_are_chance_and_sixteen_are_not() -> None:
    assert leak(["9fK2mQ7xLp40ZtR"], [FILE], "") is None
    assert leak(["9fK2mQ7xLp40ZtRw"], [FILE], "") is not None


def test_a_file_that_holds_its_secret_coded_is_read_too() -> None:
    text = base64.b64encode(b"correct horse battery staple").decode()

    assert leak(["correct-horse battery"], [Secret("secret.yaml", f"key: {text}")], "") is not None


def test_queries_of_nothing_but_coded_text_are_not_sent() -> None:
    words = [base64.b64encode(f"abcd{n:04}".encode()).decode().rstrip("=") for n in range(320)]

    assert leak([" ".join(words[n : n + 40]) for n in range(0, 320, 40)], [], "") is not None


def test_the_work_is_bounded() -> None:
    started = time.process_time()

    assert leak(["a1 " * 160] * 8, [Secret("a.pem", "x9" * 900_000)], "hello " * 2_000) is None

    assert time.process_time() - started < 15  # what a tool has; a quadratic pass takes hours
