"""Where a sign-in may lead, whatever is asked for, and how an attempt outlives the way to Cognito."""

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode.settings import SettingsError
from sign_in.attempt import Attempt, local_path
from sign_in.settings import SignInSettings

ORIGIN = "https://code.example.com"
PIECES = st.sampled_from(
    [
        *("/", "\\", "//", "@", ":", "evil.example.com", "https:", "javascript:", "..", ".", "?", "#", "%2f"),
        *("%5c", "\t", "\n", "\r", "\0", " ", "\u3002", "\uff0f", "a", "é"),
    ]
)
HOSTILE = st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=40) | st.text().map("/{}".format)


def host_for_a_browser(address: str, base: str) -> str:
    """Where a browser would go: blanks around and line breaks do not count, and a backslash is a slash.

    https://url.spec.whatwg.org/#url-parsing
    """
    seen = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(0x21))))).replace("\\", "/")
    if seen.startswith("//"):
        return urlsplit("https:" + seen).netloc
    return urlsplit(seen).netloc if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", seen) else urlsplit(base).netloc


@given(HOSTILE)
def test_whatever_is_asked_for_the_browser_stays_with_the_page(asked: str) -> None:
    path = local_path(asked)

    assert path.startswith("/")
    assert path.isascii()
    assert path.isprintable()
    assert " " not in path
    assert host_for_a_browser(path, ORIGIN) == host_for_a_browser(ORIGIN + path, ORIGIN) == "code.example.com"


OWN = r"/([A-Za-z0-9._~!$&'()*+,;=:@%-]+/?)*(\?[A-Za-z0-9=&/?%-]*)?(#[a-z/]*)?"


@given(st.from_regex(OWN, fullmatch=True))
def test_every_address_of_the_page_is_led_to(path: str) -> None:
    assert local_path(path) == (path if len(path) <= 1024 else "/")


@given(HOSTILE)
def test_an_attempt_comes_back_out_of_its_cookie(asked: str) -> None:
    attempt = Attempt.new(asked)
    cookie = attempt.cookie()

    assert Attempt.from_cookie(cookie) == attempt
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", cookie)
    assert len(cookie) < 4000


@given(st.text())
def test_a_cookie_that_was_made_up_is_no_way_out(made_up: str) -> None:
    attempt = Attempt.from_cookie(made_up)

    assert attempt is None or attempt.to == local_path(attempt.to)


def test_the_longest_path_fits_into_the_cookie() -> None:
    assert len(Attempt.new("/" + '"' * 1023).cookie()) < 4000


def test_the_challenge_is_the_one_of_rfc_7636() -> None:
    attempt = Attempt("state", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "nonce", "/")

    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


KNOWN = {
    "PUBLIC_ORIGIN": ORIGIN,
    "SIGN_IN_PAGE": "https://prefix.auth.eu-central-1.amazoncognito.com",
    "VENDOR_JWT_AUDIENCE": "client",
    "VENDOR_JWT_ISSUER": "https://issuer.example.com",
    "VENDOR_JWKS_URL": "https://issuer.example.com/jwks.json",
}


def test_an_origin_is_taken_as_browsers_write_it() -> None:
    assert SignInSettings.of({**KNOWN, "PUBLIC_ORIGIN": " https://Code.Example.com/ "}).origin == ORIGIN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in KNOWN),
        ("PUBLIC_ORIGIN", "http://code.example.com"),
        ("PUBLIC_ORIGIN", f"{ORIGIN}/path"),
        ("PUBLIC_ORIGIN", f"{ORIGIN},{ORIGIN}"),
        ("SIGN_IN_PAGE", "http://cognito.example.com"),
        ("VENDOR_JWKS_URL", "http://issuer.example.com"),
    ],
)
def test_a_setting_that_would_let_others_in_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} ") as refused:
        SignInSettings.of({**KNOWN, name: value})

    assert "\n" not in str(refused.value)
