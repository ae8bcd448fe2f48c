"""The protocol itself, seen by a plain HTTP client and by a bare socket."""

import json
from base64 import b64encode

import httpx
import pytest
from upstash_client import TOKEN, client
from upstash_redis.errors import UpstashError

from dev.upstash import Upstash, serve

AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}


async def post(upstash: Upstash, path: str, content: object, **headers: str) -> httpx.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    async with httpx.AsyncClient(timeout=30) as http:
        return await http.post(upstash.url + path, content=body, headers=AUTHORISED | headers)


async def test_results_are_plain_text_unless_base64_is_asked_for(upstash: Upstash) -> None:
    base64 = {"Upstash-Encoding": "base64"}
    pipeline = [["SET", "k", "zażółć"], ["GET", "k"], ["HSET", "h", "f", 1], ["TYPE", "k"]]

    plain = await post(upstash, "/pipeline", pipeline)
    encoded = await post(upstash, "/pipeline", pipeline, **base64)
    nothing = await post(upstash, "/", ["GET", "absent"], **base64)

    results = ["OK", "zażółć", 1, "string"]
    assert plain.json() == [{"result": result} for result in results]
    assert [answer["result"] for answer in encoded.json()] == [
        "OK",
        b64encode("zażółć".encode()).decode(),
        0,
        b64encode(b"string").decode(),
    ]
    assert nothing.json() == {"result": None}


async def test_bytes_that_are_not_text_come_back_replaced_or_exact(upstash: Upstash) -> None:
    await post(upstash, "/set/k", b"\xff\x00\xfe")

    assert (await post(upstash, "/get/k", b"")).json() == {"result": "\ufffd\x00\ufffd"}
    exact = await post(upstash, "/", ["GET", "k"], **{"Upstash-Encoding": "base64"})
    assert exact.json() == {"result": b64encode(b"\xff\x00\xfe").decode()}


async def test_a_command_may_be_a_path(upstash: Upstash) -> None:
    async with httpx.AsyncClient(headers=AUTHORISED, base_url=upstash.url, timeout=30) as http:
        assert (await http.get("/set/a%2Fb/two%20words")).json() == {"result": "OK"}
        assert (await http.get("/GET/a%2Fb")).json() == {"result": "two words"}
        await http.put("/set/k?EX=100&NX=", content=b"body/last")
        assert (await http.get("/get/k")).json() == {"result": "body/last"}
        assert 0 < (await http.get("/ttl/k")).json()["result"] <= 100
        head = await http.head("/get/k")

    assert head.status_code == 200
    assert head.content == b""


async def test_numbers_arrive_as_they_were_written(upstash: Upstash) -> None:
    body = b'["RPUSH", "l", 10000000000000000000000, 1.50, -3, true]'
    await post(upstash, "/", body)

    values = (await post(upstash, "/", ["LRANGE", "l", 0, -1])).json()["result"]
    assert values == ["10000000000000000000000", "1.50", "-3", "true"]


async def test_the_token_is_needed(upstash: Upstash) -> None:
    async with httpx.AsyncClient(base_url=upstash.url, timeout=30) as http:
        missing = await http.get("/get/k")
        wrong = await http.get("/get/k", headers={"Authorization": "Bearer other"})
        in_query = await http.get(f"/get/k?_token={TOKEN}")

    assert missing.status_code == wrong.status_code == 401
    assert missing.json() == {"error": "WRONGPASS invalid or missing auth token"}
    assert in_query.json() == {"result": None}
    async with client(upstash, token="other") as stranger:
        with pytest.raises(UpstashError, match="WRONGPASS"):
            await stranger.get("k")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", b"{"),
        ("/", b"[]"),
        ("/", b'{"a": 1}'),
        ("/", b'["SET", "k", ["nested"]]'),
        ("/", b'["SET", "k"]'),
        ("/pipeline", b'["GET", "k"]'),
        ("/pipeline", b'{"a": 1}'),
        ("/multi-exec", b'[["SET", "k", "v"], []]'),
        ("/nonsense/k", b""),
    ],
)
async def test_a_malformed_request_is_a_400(upstash: Upstash, path: str, body: bytes) -> None:
    answer = await post(upstash, path, body)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("ERR ")


@pytest.mark.parametrize("refused", [["WATCH", "k"], ["NONSENSE"], ["GET"]])
async def test_a_transaction_with_a_refused_command_is_refused_whole(
    upstash: Upstash, refused: list[str]
) -> None:
    answer = await post(upstash, "/multi-exec", [["SET", "k", "v"], refused])

    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
    assert (await post(upstash, "/", ["GET", "k"])).json() == {"result": None}


async def test_a_pipeline_gives_each_command_its_own_result_or_error(upstash: Upstash) -> None:
    commands = [["SET", "k", "v"], ["WATCH", "k"], ["INCR", "k"], ["GET", "k"]]
    answer = await post(upstash, "/pipeline", commands)

    assert answer.status_code == 200
    assert [set(item) for item in answer.json()] == [{"result"}, {"error"}, {"error"}, {"result"}]


async def test_an_empty_pipeline_has_no_results(upstash: Upstash) -> None:
    assert (await post(upstash, "/pipeline", [])).json() == []


async def test_other_methods_are_a_405(upstash: Upstash) -> None:
    async with httpx.AsyncClient(headers=AUTHORISED, timeout=30) as http:
        answer = await http.delete(upstash.url + "/get/k")

    assert answer.status_code == 405


async def test_one_megabyte_is_the_limit_of_a_request(upstash: Upstash) -> None:
    limit = 1024 * 1024
    frame = len('["SET","k",""]')
    async with httpx.AsyncClient(headers=AUTHORISED, base_url=upstash.url, timeout=30) as http:
        largest = await http.post("/", content=b'["SET","k","' + b"x" * (limit - frame) + b'"]')
        larger = await http.post("/", content=b'["SET","k","' + b"x" * (limit - frame + 1) + b'"]')
        after = await http.get("/strlen/k")

    assert largest.json() == {"result": "OK"}
    assert larger.status_code == 413
    assert f"Limit: {limit} bytes, Actual: {limit + 1} bytes" in larger.json()["error"]
    assert after.json() == {"result": limit - frame}


async def test_each_answer_carries_a_sync_token(upstash: Upstash) -> None:
    first = await post(upstash, "/", ["PING"])
    second = await post(upstash, "/", ["PING"])

    assert first.headers["Upstash-Sync-Token"] != second.headers["Upstash-Sync-Token"]


async def test_without_a_token_given_it_takes_one_that_nobody_can_guess() -> None:
    async with (
        serve(data_dir=None) as one,
        serve(data_dir=None) as other,
        httpx.AsyncClient(timeout=30) as http,
    ):
        mine = await http.get(f"{one.url}/ping?_token={one.token}")
        others = await http.get(f"{one.url}/ping?_token={other.token}")

    assert (mine.status_code, others.status_code) == (200, 401)
    assert len(one.token) >= 32
