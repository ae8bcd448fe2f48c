"""What goes wrong on the way, and what the person is told of it."""

import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sign_in_world import ORIGIN, World, signing_in

SESSION, REFRESH, ATTEMPT = "__Host-vendor_session", "__Host-vendor_refresh", "__Host-sign_in"
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def assert_page(answer: Any, status: int, sentence: str) -> None:
    """A page for a person, with the way to try again and what leads to the log; nothing internal."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert sentence in answer.text
    assert '<a href="/sign-in">' in answer.text
    assert answer.headers["x-amzn-requestid"] in answer.text
    assert "127.0.0.1" not in answer.text


async def test_a_way_back_that_was_begun_by_somebody_else_signs_nobody_in(world: World) -> None:
    strangers = await world.browser.follow(await world.browser.open("/sign-in"))
    world.browser.cookies.clear()
    without_a_beginning = await world.browser.follow(strangers)
    await world.browser.open("/sign-in")
    with_another = await world.browser.follow(strangers)

    for answer in (without_a_beginning, with_another):
        assert_page(answer, 400, "This sign-in was not begun here")
    assert SESSION not in world.browser.cookies
    assert len(world.pool.codes) == 1


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "...", "é.b.c./", "a" * 5000])
async def test_a_beginning_that_was_made_up_is_none(world: World, cookie: str) -> None:
    answer = await world.browser.client.get(
        f"{world.browser.url}/sign-in/callback?code=c&state=a",
        headers={"cookie": f"{ATTEMPT}={cookie}".encode("latin-1")},  # pyright: ignore[reportArgumentType]
    )

    assert_page(answer, 400, "This sign-in was not begun here")


async def test_a_code_is_good_for_one_sign_in(world: World) -> None:
    back = await world.browser.follow(await world.browser.open("/sign-in"))
    attempt = world.browser.cookies[ATTEMPT]
    await world.browser.follow(back)
    without_its_beginning = await world.browser.follow(back)
    world.browser.cookies[ATTEMPT] = attempt
    replayed = await world.browser.follow(back)

    assert_page(without_its_beginning, 400, "not begun here")
    assert_page(replayed, 400, "was used before")


async def test_a_code_that_was_stolen_is_worth_nothing_without_the_browsers_verifier(world: World) -> None:
    back = await world.browser.follow(await world.browser.open("/sign-in"))
    stolen = back.headers["location"].partition("code=")[2]
    thief = await world.browser.open("/sign-in")
    state = thief.headers["location"].partition("state=")[2].partition("&")[0]

    answer = await world.browser.open(f"/sign-in/callback?state={state}&code={stolen}")

    assert_page(answer, 400, "was used before")
    assert SESSION not in world.browser.cookies


async def test_a_sign_in_that_was_given_up_is_told_in_our_words(world: World) -> None:
    world.pool.cancelled = True

    answer = await world.browser.sign_in()

    assert_page(answer, 400, "The sign-in was not finished.")
    assert "words of Cognito" not in answer.text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"claims": {"aud": "another-client"}}, "The token is not valid."),
        ({"claims": {"iss": "https://evil.example.com/pool"}}, "The token is not valid."),
        ({"claims": {"nonce": "another"}}, "The token is not valid."),
        ({"claims": {"nonce": None}}, "The token is not valid."),
        ({"claims": {"sub": "a vendor"}}, "The token is not valid."),
        ({"claims": {"exp": int(time.time()) - 1}}, "The token is not valid."),
        ({"key": OTHER_KEY}, "The token is not valid."),
        ({"claims": {"groups": "x" * 4000}}, "The token is too large for a cookie"),
    ],
    ids=["client", "issuer", "nonce", "no nonce", "vendor", "expired", "key", "size"],
)
async def test_a_token_that_the_other_functions_would_refuse_becomes_no_cookie(
    world: World, changed: dict[str, Any], sentence: str
) -> None:
    for name, value in changed.items():
        setattr(world.pool, name, value)

    assert_page(await world.browser.sign_in(), 401, sentence)
    assert world.browser.cookies.keys() == {ATTEMPT}


@pytest.mark.parametrize("changed", [{"down": True}, {"status": 500}, {"status": 429}, {"status": 400}])
async def test_while_cognito_does_not_answer_the_person_is_asked_to_wait(
    world: World, changed: dict[str, Any]
) -> None:
    back = await world.browser.follow(await world.browser.open("/sign-in"))
    for name, value in changed.items():
        setattr(world.pool, name, value)

    answer = await world.browser.follow(back)

    assert_page(answer, 503, "The sign-in service does not answer.")
    assert answer.headers["retry-after"] == "5"


async def test_a_renewal_that_cognito_does_not_answer_costs_nobody_the_refresh_token(world: World) -> None:
    await world.browser.sign_in()
    world.pool.down = True
    for_the_page = await world.browser.fetch("POST", "/sign-in/renew")
    for_a_person = await world.browser.open("/sign-in")
    world.pool.down = False

    assert (for_the_page.status_code, for_the_page.headers["retry-after"]) == (503, "5")
    assert for_the_page.json()["error"]["code"] == "store_unavailable"
    assert_page(for_a_person, 503, "The sign-in service does not answer.")
    assert (await world.browser.fetch("POST", "/sign-in/renew")).status_code == 204


async def test_who_comes_around_the_edge_is_refused(tmp_path: Path) -> None:
    async with signing_in(tmp_path, ORIGIN, ORIGIN_SECRET="what only the edge knows") as world:
        around = await world.browser.fetch("GET", "/sign-in")
        over = await world.browser.fetch("GET", "/sign-in", **{"x-origin-secret": "what only the edge knows"})

    assert (around.status_code, over.status_code) == (403, 303)
    assert around.json()["error"]["code"] == "forbidden_origin"


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-in/other", "/sign-out/now", "/sign-up"])
async def test_there_is_nothing_beside_the_routes(world: World, path: str) -> None:
    answer = await world.browser.open(path)

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
