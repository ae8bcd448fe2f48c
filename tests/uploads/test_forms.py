"""A form that differs in anything from what was announced brings nothing, in AWS as on one machine."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from files import png
from strict_s3 import StrictS3, send_to_moto
from upload_world import START, Clock, World, sender

from aicode.api_types import NewUpload
from aicode.uploads.sqlite.shelf import SqliteShelf
from dev.http import Request
from dev.uploads import Endpoint

APP = "alice-app"
DATA = png()
MINUTES_15 = 15 * 60_000
Fields = Mapping[str, str]

# How a form may differ: what is changed of its fields, the file that is sent, and what S3 says.
BROKEN: dict[str, tuple[dict[str, str], bytes, int, str]] = {
    "another key": ({"key": "uploads/alice-app/other"}, DATA, 403, "AccessDenied"),
    "another folder": ({"key": "uploads/bob-app/upload-1"}, DATA, 403, "AccessDenied"),
    "another type": ({"Content-Type": "text/html"}, DATA, 403, "AccessDenied"),
    "another checksum": ({"x-amz-checksum-sha256": "A" * 43 + "="}, DATA, 403, "AccessDenied"),
    "one more field": ({"x-amz-meta-more": "1"}, DATA, 403, "AccessDenied"),
    "another access": ({"acl": "public-read"}, DATA, 403, "AccessDenied"),
    "another signature": ({"x-amz-signature": "0" * 64}, DATA, 403, "SignatureDoesNotMatch"),
    "one byte more": ({}, DATA + b"x", 400, "EntityTooLarge"),
    "one byte less": ({}, DATA[:-1], 400, "EntityTooSmall"),
    "no byte": ({}, b"", 400, "EntityTooSmall"),
    "other bytes": ({}, DATA[:-1] + b"x", 400, "BadDigest"),
}


def loosened(fields: Fields) -> str:
    """A policy that would let everything pass."""
    policy = json.loads(base64.b64decode(fields["policy"]))
    policy["conditions"] = [{name: value} for name, value in fields.items() if name[0] not in "pC"]
    return base64.b64encode(json.dumps(policy).encode()).decode()


async def is_waiting(world: World, new: NewUpload) -> bool:
    return (await world.store.find("alice", APP, new["uploadId"]))["status"] == "waiting"


@pytest.mark.parametrize(("changed", "data", "status", "code"), BROKEN.values(), ids=BROKEN)
async def test_each_condition_of_the_policy_that_is_broken_keeps_the_bytes_out(
    world: World, changed: dict[str, str], data: bytes, status: int, code: str
):
    new = await world.announce(DATA)

    answered, told = await world.send(new["url"], {**new["fields"], **changed}, data)

    assert answered == status
    assert code in told
    assert await is_waiting(world, new)
    assert (await world.send(new["url"], new["fields"], DATA))[0] == 204  # the form is as good as before


@pytest.mark.parametrize(
    "field", ["key", "Content-Type", "x-amz-checksum-algorithm", "x-amz-checksum-sha256"]
)
async def test_a_form_without_one_of_its_fields_is_denied(world: World, field: str):
    new = await world.announce(DATA)
    fields = {name: value for name, value in new["fields"].items() if name != field}

    assert (await world.send(new["url"], fields, DATA))[0] == 403
    assert await is_waiting(world, new)


async def test_a_policy_of_somebody_else_is_denied(world: World):
    new = await world.announce(DATA)
    fields = {**new["fields"], "policy": loosened(new["fields"])}

    assert (await world.send(new["url"], fields, b"whatever"))[0] == 403


async def test_the_form_of_one_upload_brings_no_other(world: World):
    first, second = await world.announce(DATA), await world.announce(DATA)
    fields = {**first["fields"], "key": second["fields"]["key"]}

    assert (await world.send(first["url"], fields, DATA))[0] == 403
    assert await is_waiting(world, second)


async def test_a_form_that_has_expired_is_denied(in_aws: World, local: World):
    new = await in_aws.announce(DATA)
    late = StrictS3(lambda: StrictS3().now() + MINUTES_15)
    assert await late.send(new["url"], new["fields"], DATA) == (403, "AccessDenied")

    here = await local.announce(DATA)
    local.clock.pass_ms(MINUTES_15 - 1)
    assert (await local.send(here["url"], here["fields"], DATA))[0] == 204
    local.clock.pass_ms(1)
    assert (await local.send(here["url"], here["fields"], DATA))[0] == 403


async def test_what_came_past_the_policy_is_refused_when_it_is_looked_at(in_aws: World):
    for sent in (DATA + b"x", DATA[:-1], DATA[:-1] + b"x", b"", b"x" * 1_000_000):
        new = await in_aws.announce(DATA)
        assert (await send_to_moto(new["url"], new["fields"], sent))[0] == 204

        upload = await in_aws.store.find("alice", APP, new["uploadId"])

        assert (upload["status"], upload.get("reason")) == (
            "refused",
            "What arrived is not the file that was announced.",
        )


async def test_a_form_may_be_sent_again(world: World):
    new = await world.announce(DATA)
    for _ in range(2):
        assert (await world.send(new["url"], new["fields"], DATA))[0] == 204

    assert await world.store.find("alice", APP, new["uploadId"])
    assert await world.store.read("alice", APP, new["uploadId"]) == DATA


async def test_a_form_of_a_deleted_app_is_denied_on_one_machine(local: World):
    new = await local.announce(DATA)
    await local.store.delete_app("alice", APP)

    assert (await local.send(new["url"], new["fields"], DATA))[0] == 403


async def test_another_process_takes_the_forms_that_one_has_signed(local: World, tmp_path: Path):
    new = await local.announce(DATA)
    shelf = SqliteShelf(tmp_path / "uploads.sqlite3", "")
    try:
        status, _ = await sender(Endpoint(shelf, Clock(START)))(new["url"], new["fields"], DATA)
    finally:
        shelf.close()

    assert status == 204
    assert not await is_waiting(local, new)


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 412),
        ("", b"", 412),
        ("multipart/form-data", b"", 412),
        ("multipart/form-data; boundary=b", b"", 400),
        ("multipart/form-data; boundary=b", b"no form", 400),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx',
            400,
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nx\r\n--b--',
            400,
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n\xff\r\n'
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--',
            400,
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nx\r\n' * 2
            + b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--',
            400,
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + b"x" * 20_481 + b"\r\n"
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--',
            400,
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--',
            403,
        ),
    ],
)
async def test_what_is_no_form_of_ours_gets_an_error_in_the_form_of_s3(
    tmp_path: Path, content_type: str, body: bytes, status: int
):
    shelf = SqliteShelf(tmp_path / "uploads.sqlite3", "")
    try:
        request = Request("POST", "/uploads", "", {"content-type": content_type}, body)
        answer = await Endpoint(shelf).answer(request)
    finally:
        shelf.close()

    assert answer.status == status
    assert answer.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>')


async def test_a_page_at_any_address_may_send_a_form(tmp_path: Path):
    """As by the rules of the bucket in AWS: what counts is the signature."""
    shelf = SqliteShelf(tmp_path / "uploads.sqlite3", "")
    endpoint = Endpoint(shelf)
    try:
        asked = await endpoint.answer(Request("OPTIONS", "/uploads", "", {}))
        refused = await endpoint.answer(Request("POST", "/uploads", "", {}))
    finally:
        shelf.close()

    assert (asked.status, dict(asked.headers)["Access-Control-Allow-Methods"]) == (204, "POST")
    for answer in (asked, refused):
        assert dict(answer.headers)["Access-Control-Allow-Origin"] == "*"
