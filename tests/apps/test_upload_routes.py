"""The routes of uploads, up to the form and from its arrival on."""

import hashlib
from typing import Any

import pytest
from editor_client import Client

from aicode.uploads.sqlite.shelf import SqliteShelf
from tests.function_event import Answer

TEXT = b"<script>alert(1)</script>"
ABOUT: dict[str, Any] = {
    "name": "page.html",
    "type": "text/html",
    "size": len(TEXT),
    "sha256": hashlib.sha256(TEXT).hexdigest(),
}


async def announced(client: Client, app: str, **changed: Any) -> Answer:
    return await client.send("POST", f"/{app}/uploads", {**ABOUT, **changed})


async def sent(client: Client, app: str, shelf: SqliteShelf) -> str:
    """An upload whose bytes have arrived."""
    upload = (await announced(client, app)).json["upload"]
    assert shelf.receive(upload["fields"]["key"], TEXT)
    return upload["uploadId"]


async def test_an_upload_is_announced_sent_and_ready(alice: Client, app: str, shelf: SqliteShelf):
    answer = await announced(alice, app)

    assert answer.status == 201
    assert answer.json["success"] is True
    new = answer.json["upload"]
    assert new.keys() == {"uploadId", "url", "fields", "expiresAt"}
    at = f"/{app}/uploads/{new['uploadId']}"
    waiting = await alice.send("GET", at)
    about = {**ABOUT, "uploadId": new["uploadId"]}
    assert (waiting.status, waiting.json) == (
        200,
        {"success": True, "upload": {**about, "status": "waiting"}},
    )

    shelf.receive(new["fields"]["key"], TEXT)

    assert (await alice.send("GET", at)).json["upload"] == {**about, "status": "ready"}


async def test_the_bytes_of_an_upload_are_a_download_that_runs_nowhere(
    alice: Client, app: str, shelf: SqliteShelf
):
    answer = await alice.send("GET", f"/{app}/uploads/{await sent(alice, app, shelf)}/raw")

    assert answer.content == TEXT
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; ")


async def test_there_are_no_bytes_of_an_upload_that_waits(alice: Client, app: str):
    new = (await announced(alice, app)).json["upload"]

    assert (await alice.send("GET", f"/{app}/uploads/{new['uploadId']}/raw")).status == 404


@pytest.mark.parametrize(
    ("changed", "status", "code", "told"),
    [
        (
            {"type": "application/zip"},
            400,
            "invalid_request",
            "Files of this type are not taken: PNG, JPEG, GIF and WebP pictures, PDF and text are.",
        ),
        ({"size": 0}, 400, "invalid_request", "The file is empty."),
        ({"size": 2**20 + 1}, 413, "too_large", "The file is too large: a text may have 1 MB."),
        (
            {"type": "image/png", "size": 6_000_000},
            413,
            "too_large",
            "The file is too large: a picture may have 5 MB.",
        ),
        (
            {"type": "application/pdf", "size": 2**53 - 1},
            413,
            "too_large",
            "The file is too large: a PDF may have 10 MB.",
        ),
        ({"size": -1}, 400, "invalid_request", "`size` must be a whole number from 0 up."),
        ({"size": 1.5}, 400, "invalid_request", "`size` must be a whole number from 0 up."),
        ({"size": True}, 400, "invalid_request", "`size` must be a whole number from 0 up."),
        ({"name": 5}, 400, "invalid_request", "`name` must be a string."),
        ({"name": "a/b"}, 400, "invalid_request", "`name` must be a file's name, without folders."),
        (
            {"name": "a" * 201},
            400,
            "invalid_request",
            "`name` must have 1 to 200 characters and not be blank.",
        ),
        ({"type": None}, 400, "invalid_request", "`type` must be a string."),
        (
            {"sha256": "x"},
            400,
            "invalid_request",
            "`sha256` must be the file's SHA-256 in 64 hexadecimal digits.",
        ),
        ({"extra": 1}, 400, "invalid_request", "The body has a field that is not known here."),
    ],
)
async def test_what_cannot_be_an_upload_is_told_in_a_sentence(  # noqa: PLR0913, PLR0917 - a case and its answer
    alice: Client, app: str, changed: dict[str, Any], status: int, code: str, told: str
):
    answer = await announced(alice, app, **changed)

    assert answer.status == status
    assert answer.json["error"]["code"] == code
    assert answer.json["error"]["message"] == told


@pytest.mark.parametrize("missing", ABOUT)
async def test_nothing_that_describes_an_upload_may_be_left_out(alice: Client, app: str, missing: str):
    body = {name: value for name, value in ABOUT.items() if name != missing}

    assert (await alice.send("POST", f"/{app}/uploads", body)).status == 400


async def test_uploads_of_another_vendor_are_absent(alice: Client, app: str, shelf: SqliteShelf):
    upload_id = await sent(alice, app, shelf)
    mallory = Client(alice.dependencies, "mallory")
    theirs = await mallory.new_app()

    assert (await announced(mallory, app)).status == 404
    for at in (f"/{app}/uploads/{upload_id}", f"/{theirs}/uploads/{upload_id}"):
        assert (await mallory.send("GET", at)).status == 404
        assert (await mallory.send("GET", f"{at}/raw")).status == 404


async def test_with_an_app_go_its_uploads(alice: Client, app: str, shelf: SqliteShelf):
    upload_id = await sent(alice, app, shelf)

    assert (await alice.send("DELETE", f"/{app}")).status == 200

    assert (await alice.send("GET", f"/{app}/uploads/{upload_id}")).status == 404
    assert not shelf.receive(f"uploads/{app}/{upload_id}", TEXT)


async def test_an_app_of_somebody_else_keeps_its_uploads(alice: Client, app: str, shelf: SqliteShelf):
    upload_id = await sent(alice, app, shelf)

    assert (await Client(alice.dependencies, "mallory").send("DELETE", f"/{app}")).status == 404

    assert (await alice.send("GET", f"/{app}/uploads/{upload_id}")).json["upload"]["status"] == "ready"


@pytest.mark.parametrize("path", ["uploads", "uploads/an-id/raw/more"])
async def test_other_paths_and_methods_are_none(alice: Client, app: str, path: str):
    assert (await alice.send("GET", f"/{app}/{path}")).status in (404, 405)
    assert (await alice.send("DELETE", f"/{app}/uploads/an-id")).status == 405
