"""Uploads as a browser sends them: by a form, to where the page's policy lets it."""

import hashlib
from urllib.parse import urlsplit

import httpx
import pytest

from tests.end_to_end.contract_world import Vendor
from tests.end_to_end.stack import APPS, Json
from tests.uploads.files import pdf
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def announced(vendor: Vendor, data: bytes, media_type: str) -> Json:
    about = {
        "name": "plan",
        "type": media_type,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    answer = await vendor.client.post(f"{APPS}/{vendor.app}/uploads", json=about)
    assert answer.status_code == 201, answer.text
    return answer.json()["upload"]


async def found(vendor: Vendor, upload_id: str) -> Json:
    answer = await vendor.client.get(f"{APPS}/{vendor.app}/uploads/{upload_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()["upload"]


async def test_a_document_that_no_function_could_take_arrives_by_its_form(vendor: Vendor):
    document = pdf(2) + b"\n" * 9_000_000  # of what is behind its end nothing is read
    upload_id = await vendor.upload(document, "application/pdf")

    upload = await found(vendor, upload_id)

    assert (upload["status"], upload["pages"], upload["size"]) == ("ready", 2, len(document))
    raw = await vendor.client.get(f"{APPS}/{vendor.app}/uploads/{upload_id}/raw")
    assert raw.content == document
    assert raw.headers["content-type"] == "application/pdf"


async def test_the_page_may_send_to_where_a_form_goes(vendor: Vendor):
    form = await announced(vendor, b"A text.", "text/plain")
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as browser:
        page = await browser.get(vendor.url)
        asked = {"Origin": vendor.url, "Access-Control-Request-Method": "POST"}
        before = await browser.options(form["url"], headers=asked)

    policy = page.headers["content-security-policy"].split("; ")
    (connect,) = [directive for directive in policy if directive.startswith("connect-src ")]
    place = urlsplit(str(form["url"]))
    assert f"{place.scheme}://{place.netloc}" in connect.split()
    assert before.status_code in (200, 204)
    assert before.headers["access-control-allow-origin"] in ("*", vendor.url)


async def test_a_form_that_brings_too_much_leaves_the_upload_waiting(vendor: Vendor):
    form = await announced(vendor, b"A text.", "text/plain")
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as browser:
        await browser.post(form["url"], data=form["fields"], files={"file": b"x" * 12_000_000})

    upload = await found(vendor, form["uploadId"])

    assert upload["status"] in ("waiting", "refused")  # the latter by an emulator of AWS, which takes it
    raw = await vendor.client.get(f"{APPS}/{vendor.app}/uploads/{form['uploadId']}/raw")
    assert raw.status_code == 404
