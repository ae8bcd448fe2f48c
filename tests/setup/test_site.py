"""What the local stack answers beside the functions."""

import json
from collections.abc import Mapping
from pathlib import Path

import jwt
import pytest

from aicode.settings import DEVELOPMENT_JWT_SECRET, SettingsError
from dev import stand_ins
from dev.http import Answer, Request
from dev.sign_in import SignIn
from dev.site import Site
from dev.token import LIFETIME_SECONDS, make_token

NOW = 1_800_000_000.0


def site(folder: Path, known: Mapping[str, str] | None = None) -> Site:
    settings = stand_ins.local_settings(known or {})
    sign_in = SignIn(settings, lambda: frozenset({"localhost:3000", "127.0.0.1:3000"}), lambda: NOW)
    openapi = folder / "openapi.json"
    return Site(
        buckets=frozenset,
        dist=folder / "dist",
        openapi=openapi,
        config={"basePath": "/x"},
        sign_in=sign_in,
        origins=lambda: settings.public_origins,
    )


def built(folder: Path) -> Path:
    (folder / "dist" / "assets").mkdir(parents=True)
    (folder / "dist" / "index.html").write_text("<p>the page</p>", encoding="utf-8")
    (folder / "dist" / "assets" / "main-1a2b.js").write_text("run()", encoding="utf-8")
    (folder / "secret.txt").write_text("secret", encoding="utf-8")
    return folder


def with_preview(folder: Path) -> Path:
    preview = built(folder) / "dist" / "preview"
    preview.mkdir()
    for name in ("frame.html", "tab.html"):
        (preview / name).write_text("<p>preview</p>", encoding="utf-8")
    return folder


def get(path: str, host: str = "localhost:3000", cookie: str = "") -> Request:
    return Request("GET", path, "", {"host": host, "cookie": cookie}, b"")


def header(answer: Answer, name: str) -> str | None:
    return next((value for key, value in answer.headers if key.lower() == name), None)


async def test_the_page_signs_the_browser_in(tmp_path: Path) -> None:
    answer = await site(built(tmp_path)).page(get("/"))
    cookie = header(answer, "set-cookie") or ""
    token, _, attributes = cookie.removeprefix("vendor_session=").partition("; ")
    claims: dict[str, object] = jwt.decode(
        token, DEVELOPMENT_JWT_SECRET, algorithms=["HS256"], audience="aicode", options={"verify_iat": False}
    )

    assert answer.body == b"<p>the page</p>"
    assert claims["sub"] == "local-vendor"
    assert claims["exp"] == NOW + LIFETIME_SECONDS
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes.split("; "))


async def test_a_browser_that_came_by_another_name_is_not_signed_in(tmp_path: Path) -> None:
    page = site(built(tmp_path))

    for host in ("attacker.example:3000", "localhost:3001", "localhost", ""):
        assert header(await page.page(get("/", host)), "set-cookie") is None


async def test_a_cookie_that_lasts_is_left_and_one_near_its_end_or_invalid_renewed(tmp_path: Path) -> None:
    page = site(built(tmp_path))
    settings = stand_ins.local_settings({})
    fresh = make_token(settings, "local-vendor", now=NOW - 100)
    old = make_token(settings, "local-vendor", now=NOW - LIFETIME_SECONDS + 3600)

    renewed = {
        token: header(await page.page(get("/", cookie=f"vendor_session={token}")), "set-cookie") is not None
        for token in (fresh, old, "nonsense")
    }

    assert renewed == {fresh: False, old: True, "nonsense": True}


async def test_where_a_key_set_signs_tokens_the_page_signs_nobody_in(tmp_path: Path) -> None:
    page = site(built(tmp_path), {"VENDOR_JWKS_URL": "https://keys.example/jwks"})

    assert header(await page.page(get("/")), "set-cookie") is None


async def test_until_it_is_built_a_page_that_says_so_refreshes_itself(tmp_path: Path) -> None:
    answer = await site(tmp_path).page(get("/"))

    assert answer.status == 200
    assert b"is being built" in answer.body
    assert b'http-equiv="refresh"' in answer.body


async def test_a_build_that_failed_is_told_and_not_waited_for(tmp_path: Path) -> None:
    page = site(tmp_path)
    page.failed = True
    answer = await page.page(get("/"))

    assert b"could not be built" in answer.body
    assert b"refresh" not in answer.body


async def test_assets_are_kept_for_ever_and_the_page_asked_for_each_time(tmp_path: Path) -> None:
    page = site(built(tmp_path))
    asset = await page.page(get("/assets/main-1a2b.js"))

    assert asset.body == b"run()"
    assert "immutable" in (header(asset, "cache-control") or "")
    assert header(await page.page(get("/apps/demo-app")), "cache-control") == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/link.txt",
        "/missing.js",
        f"/{'x' * 5000}.js",
        "/.built-from",
        "/api/other",
    ],
)
async def test_nothing_but_the_page_is_served(tmp_path: Path, path: str) -> None:
    (built(tmp_path) / "dist" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "dist" / ".built-from").write_text("a hash", encoding="utf-8")
    answer = await site(tmp_path).page(get(path))

    assert answer.status == 404
    assert json.loads(answer.body)["error"]["code"] == "not_found"


@pytest.mark.parametrize("path", ["/apps/demo-app", f"/{'x' * 5000}", "/%00", "/assets/"])
async def test_every_name_without_an_ending_is_the_page(tmp_path: Path, path: str) -> None:
    assert (await site(built(tmp_path)).page(get(path))).body == b"<p>the page</p>"


async def test_every_answer_has_a_content_security_policy(tmp_path: Path) -> None:
    page = site(built(tmp_path))

    for answer, source in (
        (await page.page(get("/")), "'self'"),
        (await page.page(get("/x.js")), "'none'"),  # there is no such file: an error as the API has them
        (await page.configuration(get("/")), "'self'"),
    ):
        policy = header(answer, "content-security-policy") or ""
        assert f"default-src {source}" in policy
        assert "frame-ancestors 'none'" in policy


async def test_the_document_of_the_api_is_readable(tmp_path: Path) -> None:
    document = {
        "info": {"title": "AI <Code>", "version": "1"},
        "paths": {
            "/x": {
                "get": {
                    "summary": "Reads",
                    "responses": {
                        "200": {"description": "All of it"},
                        "404": {"$ref": "#/components/responses/absent"},
                    },
                }
            }
        },
        "components": {"responses": {"absent": {"description": "There is none"}}},
    }
    (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    page = site(tmp_path)

    assert json.loads((await page.openapi(get("/openapi.json"))).body) == document
    readable = (await page.docs(get("/docs"))).body.decode()
    assert "AI &lt;Code&gt;" in readable
    assert "GET /x" in readable
    assert "All of it" in readable
    assert "There is none" in readable


def test_a_token_is_made_for_any_vendor_of_the_local_stack() -> None:
    settings = stand_ins.local_settings({"VENDOR_JWT_ISSUER": "https://me", "VENDOR_JWT_AUDIENCE": "mine"})
    claims: dict[str, object] = jwt.decode(
        make_token(settings, "alice"),
        DEVELOPMENT_JWT_SECRET,
        algorithms=["HS256"],
        audience="mine",
        issuer="https://me",
    )

    assert claims["sub"] == "alice"


def test_no_token_for_what_is_no_vendor() -> None:
    with pytest.raises(SettingsError, match="make token VENDOR=alice"):
        make_token(stand_ins.local_settings({}), "")


async def test_the_document_of_the_preview_has_an_origin_that_nothing_belongs_to(tmp_path: Path) -> None:
    page = site(with_preview(tmp_path))

    frame = header(await page.page(get("/preview/frame.html")), "content-security-policy") or ""
    tab = header(await page.page(get("/preview/tab.html")), "content-security-policy") or ""
    rules = {rule.split()[0]: rule for rule in frame.split("; ")}

    assert rules["default-src"] == "default-src 'none'"
    assert rules["frame-ancestors"] == "frame-ancestors 'self'"
    assert "allow-scripts" in rules["sandbox"]
    assert "allow-same-origin" not in rules["sandbox"]
    assert [part for part in rules["script-src"].split() if "://" in part] == [
        "http://127.0.0.1:3000",
        "http://localhost:3000",
    ]
    assert "sandbox" not in tab
    assert "frame-src 'self'" in tab


@pytest.mark.parametrize("host", ["attacker.example", "x; script-src *", ""])
async def test_the_policy_of_the_preview_names_the_pages_origin_whatever_the_request_calls_it(
    tmp_path: Path, host: str
) -> None:
    page = site(with_preview(tmp_path), {"PUBLIC_ORIGIN": "https://code.example"})
    answer = await page.page(get("/preview/frame.html", host))
    policy = header(answer, "content-security-policy") or ""

    assert "script-src 'self' https://code.example 'unsafe-inline'" in policy
    assert "attacker" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/preview//frame.html",
        "//preview/frame.html",
        "/preview/./frame.html",
        "/preview/x/../frame.html",
        "/preview/packages/../frame.html",
        "/preview/frame.html/.",
        "/preview/%66rame.html",
        "/linked.html",
    ],
)
async def test_the_document_of_the_preview_has_one_path(tmp_path: Path, path: str) -> None:
    page = site(with_preview(tmp_path))
    (tmp_path / "dist" / "preview" / "x").mkdir()
    (tmp_path / "dist" / "preview" / "packages").mkdir()
    (tmp_path / "dist" / "linked.html").symlink_to(tmp_path / "dist" / "preview" / "frame.html")

    assert (await page.page(get(path))).status == 404
    assert b"preview" not in (await page.page(get("/preview/frame.html/"))).body


async def test_the_document_of_the_preview_is_confined_in_any_case_of_its_name(tmp_path: Path) -> None:
    page = site(with_preview(tmp_path))
    (tmp_path / "dist" / "preview" / "Frame.html").write_text("<p>preview</p>", encoding="utf-8")
    answer = await page.page(get("/preview/Frame.html"))

    assert answer.status == 200
    assert "sandbox" in (header(answer, "content-security-policy") or "")


async def test_an_opaque_origin_may_load_the_packages_of_the_preview_and_nothing_else(tmp_path: Path) -> None:
    page = site(built(tmp_path))
    packages = tmp_path / "dist" / "preview" / "packages"
    packages.mkdir(parents=True)
    (packages / "react-1A2B.js").write_text("export {}", encoding="utf-8")

    module = await page.page(get("/preview/packages/react-1A2B.js"))
    main = await page.page(get("/assets/main-1a2b.js"))

    assert header(module, "access-control-allow-origin") == "*"
    assert header(module, "cross-origin-resource-policy") == "cross-origin"
    assert header(main, "cross-origin-resource-policy") == "same-origin"
    assert "immutable" in (header(module, "cache-control") or "")
    assert header(main, "access-control-allow-origin") is None
    assert header(await page.page(get("/")), "access-control-allow-origin") is None
