"""Pictures and documents that the API takes or refuses, and the Files API."""

import base64
from typing import Any

import pytest
from claude_client import Connect, post, request

from dev import claude
from dev.claude import Reply, Script, Text
from tests.memory_uploads import png

PDF = b"%PDF-1.7\n1 0 obj <</Type /Page>> endobj\n%%EOF"
GIF = b"GIF89a\x10\x00\x10\x00" + bytes(20)


def base64_of(data: bytes, media_type: str) -> dict[str, str]:
    return {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode()}


def image(data: bytes = GIF, media_type: str = "image/gif") -> dict[str, Any]:
    return {"type": "image", "source": base64_of(data, media_type)}


def document(data: bytes = PDF) -> dict[str, Any]:
    return {"type": "document", "title": "a.pdf", "source": base64_of(data, "application/pdf")}


def words(text: str = "Look") -> dict[str, Any]:
    return {"type": "text", "text": text}


def in_a_result(*blocks: dict[str, Any]) -> dict[str, Any]:
    """A request in which a tool has given these blocks."""
    call: dict[str, Any] = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": list(blocks)}
    return request(
        messages=[
            {"role": "user", "content": "Look"},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [result]},
        ]
    )


async def refusal(body: dict[str, Any]) -> tuple[int, str]:
    async with claude.serve(script=Script([Reply(Text("fine"))])) as server:
        answer = await post(server, body)
        return answer.status_code, "" if answer.status_code == 200 else answer.json()["error"]["message"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "other bytes": (
        request([image(GIF, "image/png")]),
        "messages.0.content.0.image.source.base64.data: Image does not match the provided media type "
        "image/png",
    ),
    "other bytes in a result": (
        in_a_result(words(), image(GIF, "image/png")),
        "messages.2.content.0.tool_result.content.1.image.source.base64.data: Image does not match the "
        "provided media type image/png",
    ),
    "a type that is not seen": (
        request([image(GIF, "image/bmp")]),
        "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', "
        "'image/gif' or 'image/webp'",
    ),
    "no picture": (
        request([words(), image(b"<svg/>", "image/png")]),
        "messages.0.content.1.image.source.base64.data: Could not process image",
    ),
    "a broken picture": (
        request([image(b"\x89PNG\r\n\x1a\n", "image/png")]),
        "image.source.base64.data: Could not process image",
    ),
    "9,000 pixels": (
        request([image(png(9000, 10), "image/png")]),
        "messages.0.content.0.image.source.base64.data: At least one of the image dimensions exceed max "
        "allowed size: 8000 pixels",
    ),
    "21 pictures, one of 2,001 pixels": (
        request([image()] * 20 + [image(png(10, 2001), "image/png")]),
        "messages.0.content.20.image.source.base64.data: At least one of the image dimensions exceed max "
        "allowed size for many-image requests: 2000 pixels",
    ),
    "too large": (
        request([image(png(1, 1, filling=bytes(3_932_141)), "image/png")]),
        "messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 5242896 bytes > 5242880 bytes",
    ),
    "101 pictures": (request([image()] * 101), "Too many images and documents: 101 + 0 > 100"),
    "no base64": (
        request([{"type": "image", "source": {**base64_of(GIF, "image/gif"), "data": "?"}}]),
        "image.source.base64: invalid base64 data",
    ),
    "no source": (request([{"type": "image"}]), "messages.0.content.0.image.source: Field required"),
    "another source": (
        request([{"type": "document", "source": {"type": "disk"}}]),
        "document.source: Input tag 'disk' found using 'type'",
    ),
    "no PDF": (
        request([document(b"<html>")]),
        "messages.0.content.0.pdf.source.base64.data: The PDF specified was not valid.",
    ),
    "a PDF with a password": (
        request([document(PDF + b"<</Encrypt 5 0 R>>")]),
        "pdf.source.base64.data: The PDF specified is password protected.",
    ),
    "101 pages": (
        request([document(PDF * 101)]),
        "pdf.source.base64.data: A maximum of 100 PDF pages may be provided.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_picture_or_document_that_the_api_refuses_is_400(case: str):
    body, expected = REFUSED[case]

    status, message = await refusal(body)

    assert status == 400
    assert expected in message


TAKEN = {
    "a picture": request([image(), words()]),
    "a picture in a result": in_a_result(words(), image()),
    "a large picture among twenty": request([image()] * 19 + [image(png(2001, 8000), "image/png")]),
    "as large as may be": request([image(png(1, 1, filling=bytes(3_932_120)), "image/png")]),
    "100 pages": request([document(PDF * 100), words()]),
    "a text": request(
        [{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Hi"}}]
    ),
}


@pytest.mark.parametrize("case", TAKEN)
async def test_what_is_within_the_limits_is_taken(case: str):
    assert await refusal(TAKEN[case]) == (200, "")


async def test_a_file_is_uploaded_once_and_named_until_it_expires(connect: Connect):
    async with claude.serve(script=Script(lambda received, n: Reply(Text("ok")))) as server:
        picture = png(10, 10, filling=b"\r\n--\r\n\n\r" * 100)
        stored = await connect(server).files.upload(
            file=("a.png", picture, "image/png"), expires_in_seconds=3_600
        )
        body = request([{"type": "image", "source": {"type": "file", "file_id": stored.id}}])

        assert (await post(server, body)).status_code == 200
        assert server.files is not None
        assert server.files.uploaded[0].data == picture
        server.files.now = lambda: stored.created_at.timestamp() + 3_601
        expired = await post(server, body)
        assert expired.status_code == 404
        assert expired.json()["error"]["details"] == {"error_code": "file_expired"}


async def test_a_file_that_nobody_uploaded_is_404():
    body = request([{"type": "document", "source": {"type": "file", "file_id": "file_1"}}])

    assert await refusal(body) == (404, "File not found: file_1")


@pytest.mark.parametrize("seconds", [3_599, 7_776_001])
async def test_a_file_may_live_from_an_hour_to_ninety_days(connect: Connect, seconds: int):
    async with claude.serve() as server:
        with pytest.raises(Exception, match="expires_in_seconds"):
            await connect(server).files.upload(file=("a", b"a", "text/plain"), expires_in_seconds=seconds)


async def test_an_endpoint_need_not_have_the_files_api(connect: Connect):
    async with claude.serve() as server:
        server.files = None
        with pytest.raises(Exception, match="404"):
            await connect(server).files.upload(file=("a", b"a", "text/plain"))


async def test_pictures_are_counted_by_what_they_show_wherever_they_stand():
    async with claude.serve(script=Script(lambda received, n: Reply(Text("ok")))) as server:
        large = image(png(1500, 1500, filling=bytes(600_000)), "image/png")
        bodies = [request([large]), in_a_result(large), in_a_result()]
        alone, in_result, without = [
            (await post(server, body)).json()["usage"]["input_tokens"] for body in bodies
        ]

    assert alone == 1_600
    assert in_result == without + 1_600
