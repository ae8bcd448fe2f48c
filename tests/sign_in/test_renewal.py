"""A session that ends is renewed without a form; signing out ends it for good."""

import pytest
from sign_in_world import ORIGIN, World
from user_pool import CLIENT

SESSION, REFRESH = "__Host-vendor_session", "__Host-vendor_refresh"


@pytest.fixture
async def signed_in(world: World) -> World:
    """A vendor at work, whose session has just ended: the browser has dropped its cookie."""
    await world.browser.sign_in()
    del world.browser.cookies[SESSION]
    return world


async def test_the_page_renews_a_session_that_has_ended_in_mid_work(signed_in: World) -> None:
    ended = await signed_in.apps()
    renewed = await signed_in.browser.fetch("POST", "/sign-in/renew")
    again = await signed_in.apps()

    assert ended.status_code == 401
    assert (renewed.status_code, renewed.content) == (204, b"")
    assert again.status_code == 200
    assert signed_in.pool.forms == 1


async def test_the_sign_in_is_over_at_once_where_the_browser_is_still_known(signed_in: World) -> None:
    answer = await signed_in.browser.open("/sign-in?to=/%3Fapp%3Ddemo-app")

    assert (answer.status_code, answer.headers["location"]) == (303, f"{ORIGIN}/?app=demo-app")
    assert (await signed_in.apps()).status_code == 200
    assert signed_in.pool.forms == 1


async def test_a_refresh_token_that_takes_the_place_of_another_is_kept(signed_in: World) -> None:
    before = signed_in.browser.cookies[REFRESH].value
    signed_in.pool.rotates = True
    await signed_in.browser.fetch("POST", "/sign-in/renew")

    assert signed_in.browser.cookies[REFRESH].value != before
    assert (await signed_in.browser.fetch("POST", "/sign-in/renew")).status_code == 204


async def test_where_the_refresh_token_has_ended_a_form_is_needed(signed_in: World) -> None:
    signed_in.pool.refresh_tokens.clear()
    refused = await signed_in.browser.fetch("POST", "/sign-in/renew")

    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "unauthenticated"
    assert signed_in.browser.cookies == {}
    assert (await signed_in.browser.sign_in()).status_code == 303
    assert signed_in.pool.forms == 2


async def test_a_link_to_the_sign_in_goes_on_to_the_form_where_the_refresh_token_has_ended(
    signed_in: World,
) -> None:
    signed_in.pool.refresh_tokens.clear()

    assert (await signed_in.browser.sign_in()).status_code == 303
    assert (await signed_in.apps()).status_code == 200
    assert signed_in.pool.forms == 2


async def test_nobody_is_renewed_who_never_signed_in(world: World) -> None:
    refused = await world.browser.fetch("POST", "/sign-in/renew")

    assert refused.status_code == 401


async def test_signing_out_ends_the_session_here_and_at_cognito(world: World) -> None:
    await world.browser.sign_in()
    answer = await world.browser.fetch("POST", "/sign-out")

    assert answer.status_code == 200
    query = f"client_id={CLIENT}&logout_uri=https%3A%2F%2Fcode.example.com%2F"
    assert answer.json() == {"success": True, "location": f"{world.pool.url}/logout?{query}"}
    assert world.browser.cookies == {}
    assert world.pool.refresh_tokens == {}
    home = await world.browser.open(answer.json()["location"])
    assert (home.status_code, home.headers["location"]) == (302, f"{ORIGIN}/")


async def test_the_browser_is_signed_out_also_while_cognito_is_down(world: World) -> None:
    await world.browser.sign_in()
    world.pool.down = True
    answer = await world.browser.fetch("POST", "/sign-out")

    assert answer.status_code == 200
    assert world.browser.cookies == {}


@pytest.mark.parametrize("path", ["/sign-out", "/sign-in/renew"])
async def test_another_site_can_neither_sign_out_nor_renew(world: World, path: str) -> None:
    await world.browser.sign_in()
    by_a_form = await world.browser.send_from_elsewhere("POST", path)
    by_a_picture = await world.browser.send_from_elsewhere("GET", path)
    without_a_name = await world.browser.client.post(world.browser.url + path)

    assert (by_a_form.status_code, without_a_name.status_code) == (403, 403)
    assert by_a_form.json()["error"]["code"] == "forbidden_origin"
    assert (by_a_picture.status_code, by_a_picture.headers["allow"]) == (405, "POST")
    assert world.browser.cookies.keys() == {SESSION, REFRESH}
    assert len(world.pool.refresh_tokens) == 1
