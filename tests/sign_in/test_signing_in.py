"""The whole way through the function's process and a user pool, and whether the cookie signs in."""

from pathlib import Path

import pytest
from sign_in_world import ORIGIN, World, signing_in

SESSION, REFRESH, ATTEMPT = "__Host-vendor_session", "__Host-vendor_refresh", "__Host-sign_in"


async def test_the_cookie_that_comes_of_a_sign_in_signs_in_at_the_api(world: World) -> None:
    before = await world.apps()
    ended = await world.browser.sign_in("/?app=demo-app")
    after = await world.apps()

    assert before.status_code == 401
    assert (ended.status_code, ended.headers["location"]) == (303, f"{ORIGIN}/?app=demo-app")
    assert ended.headers["cache-control"] == "no-store"
    assert after.json() == {"success": True, "apps": []}
    assert world.browser.cookies.keys() == {SESSION, REFRESH}


async def test_vendors_are_told_apart_by_the_pools_ids(world: World) -> None:
    await world.browser.sign_in()
    made = await world.browser.client.post(
        f"{world.browser.url}/api/vendor/apps",
        json={"name": "Shop"},
        headers={"origin": ORIGIN, "cookie": f"{SESSION}={world.browser.cookies[SESSION].value}"},
    )
    own = await world.apps()
    world.pool.person = "00000000-0000-4000-8000-000000000000"
    await world.browser.fetch("POST", "/sign-out")
    await world.browser.sign_in()
    others = await world.apps()

    assert made.status_code == 201
    assert len(own.json()["apps"]) == 1
    assert others.json()["apps"] == []


async def test_the_cookies_are_out_of_reach_for_scripts_and_other_sites(world: World) -> None:
    world.pool.life = 1800
    begun = await world.browser.open("/sign-in")
    attempt = world.browser.cookies[ATTEMPT].attributes
    await world.browser.follow(await world.browser.follow(begun))
    kept = {name: cookie.attributes for name, cookie in world.browser.cookies.items()}

    for attributes in (attempt, *kept.values()):
        assert attributes.keys() == {"max-age", "path", "httponly", "secure", "samesite"}
    assert attempt["max-age"] == "600"
    assert attempt["samesite"] == kept[SESSION]["samesite"] == "Lax"
    assert kept[REFRESH]["samesite"] == "Strict"
    assert 1700 < int(kept[SESSION]["max-age"]) <= 1800
    assert kept[REFRESH]["max-age"] == str(30 * 24 * 3600)


async def test_a_link_from_elsewhere_begins_a_sign_in_too(world: World) -> None:
    begun = await world.browser.open("/sign-in", from_elsewhere=True)
    await world.browser.follow(await world.browser.follow(begun))

    assert (await world.apps()).status_code == 200


async def test_two_sign_ins_at_once_do_not_share_anything(world: World) -> None:
    first = await world.browser.open("/sign-in")
    second = await world.browser.open("/sign-in")

    assert first.headers["location"] != second.headers["location"]
    late = await world.browser.follow(await world.browser.follow(first))
    assert late.status_code == 400
    assert SESSION not in world.browser.cookies
    ended = await world.browser.follow(await world.browser.follow(second))
    assert ended.status_code == 303


async def test_on_a_developers_machine_the_cookies_do_without_tls(tmp_path: Path) -> None:
    async with signing_in(tmp_path, "http://localhost:3000") as world:
        await world.browser.sign_in()

        assert world.browser.cookies.keys() == {"vendor_session", "vendor_refresh"}
        assert "secure" not in world.browser.cookies["vendor_session"].attributes
        assert (await world.apps()).status_code == 200


async def test_neither_tokens_nor_codes_get_into_the_log(world: World) -> None:
    await world.browser.sign_in()
    await world.browser.fetch("POST", "/sign-in/renew")
    world.pool.status = 500
    await world.browser.fetch("POST", "/sign-in/renew")
    await world.browser.fetch("POST", "/sign-out")

    written = "\n".join(world.log)
    assert len(world.pool.given) == 4
    assert not [secret for secret in world.pool.given if secret in written]
    assert '"reason":"500 unauthorized_client"' in written.replace(": ", ":")


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example.com/",
        "//evil.example.com",
        "/%5Cevil.example.com",
        "/%09/evil.example.com",
        "evil.example.com",
        "@evil.example.com",
        "javascript:alert(1)",
        "/%0D%0ASet-Cookie:%20a=b",
        "/" + "x" * 2000,
    ],
)
async def test_a_sign_in_leads_nowhere_but_to_the_page(world: World, to: str) -> None:
    by_the_form = await world.browser.sign_in(to)
    without_a_form = await world.browser.open(f"/sign-in?to={to}")

    assert by_the_form.headers["location"] == without_a_form.headers["location"] == f"{ORIGIN}/"
