"""What docs/sign-in.md tells those who make the cookie themselves."""

import re
from collections.abc import Callable
from typing import cast

from aicode.auth import Authenticator
from aicode.http import Request
from aicode.settings import Settings
from dev.template import ROOT, read_template

DOCUMENT = (ROOT / "docs" / "sign-in.md").read_text(encoding="utf-8")
SECRET = "a secret of at least thirty-two bytes"


async def test_the_cookie_of_the_document_signs_its_vendor_in() -> None:
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    made: dict[str, object] = {}
    exec(code, made)  # noqa: S102 - the document's own code
    cookie = cast("Callable[[str, str], str]", made["session_cookie"])("alice", SECRET)
    name, _, value = cookie.partition(";")[0].partition("=")
    settings = Settings.from_env(
        {
            "AICODE_LOCAL": "1",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
            "UPSTASH_REDIS_REST_URL": "http://127.0.0.1:9",
            "VENDOR_JWT_SECRET": SECRET,
        }
    )

    request = Request("GET", "/", {}, {}, {name: value}, "", False, "request-1")
    assert await Authenticator(settings).vendor(request) == "alice"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_what_the_document_deploys_with_are_parameters_of_the_template() -> None:
    of_a_cookie = {"SameSite", "Path"}
    named = set(re.findall(r"`([A-Z]\w+)=", DOCUMENT)) - of_a_cookie

    assert named
    assert named <= read_template()["Parameters"].keys()
