"""HTTP/1.1 on the wire, byte for byte."""

import pytest

from dev.function_url.http_wire import ChunkedDecoder, WireError, encode_chunk, encode_head, parse_head

STREAM = b"5\r\nhello\r\n1;note=x\r\n \r\nB\r\nwonderful\r\n\r\n0\r\nX-Error: Boom\r\nX-Body: e30=\r\n\r\n"


@pytest.mark.parametrize("size", range(1, len(STREAM) + 1))
def test_a_chunked_body_may_be_cut_anywhere_on_its_way(size: int) -> None:
    decoder = ChunkedDecoder()

    content = b"".join(decoder.feed(STREAM[at : at + size]) for at in range(0, len(STREAM), size))

    assert content == b"hello wonderful\r\n"
    assert decoder.done
    assert decoder.trailers == {"x-error": "Boom", "x-body": "e30="}


def test_what_has_arrived_of_a_chunk_is_handed_on() -> None:
    decoder = ChunkedDecoder()

    assert decoder.feed(b"a\r\nfirst") == b"first"
    assert decoder.feed(b" half\r\n") == b" half"
    assert not decoder.done


@pytest.mark.parametrize(
    "stream", [b"x\r\n", b"-1\r\n", b"\r\n", b"3\r\nabcd\r\n", b"1" * 20 + b"\r\n", b"0\r\nno colon\r\n\r\n"]
)
def test_a_malformed_chunk_is_refused(stream: bytes) -> None:
    with pytest.raises(WireError):
        ChunkedDecoder().feed(stream)


def test_chunks_are_read_as_they_are_written() -> None:
    content = bytes(range(256)) * 300

    assert ChunkedDecoder().feed(encode_chunk(content) + b"0\r\n\r\n") == content


def test_an_absolute_target_is_read_as_its_path() -> None:
    head = parse_head(b"GET http://localhost:1/a?b HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert (head.path, head.query) == ("/a", "b")


def test_a_target_that_is_sent_as_utf_8_is_read_as_if_it_were_percent_encoded() -> None:
    head = parse_head("GET /é?path=日本.txt HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    assert (head.path, head.query) == ("/%C3%A9", "path=%E6%97%A5%E6%9C%AC.txt")


@pytest.mark.parametrize("hosts", [b"", b"Host: localhost\r\nHost: localhost\r\n"])
def test_a_request_of_http_1_1_names_its_host_once(hosts: bytes) -> None:
    with pytest.raises(WireError) as refused:
        parse_head(b"GET / HTTP/1.1\r\n" + hosts + b"\r\n")

    assert refused.value.status == 400


@pytest.mark.parametrize("field", [("X", "a\r\nb"), ("X Y", "a"), ("X", "\N{SNOWMAN}"), ("", "a")])
def test_a_header_that_would_break_the_head_is_refused(field: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        encode_head(200, [field])
