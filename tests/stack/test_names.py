"""The names that the local stack answers to."""

from pathlib import Path

import httpx
import pytest

from dev import composition


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("code.example.com", 200),
        ("Code.Example.com:8443", 200),
        ("partner.example.com", 403),
        ("other.example.com", 403),
    ],
)
async def test_it_goes_by_the_name_of_its_public_origin_too(tmp_path: Path, host: str, status: int) -> None:
    known = {
        "PUBLIC_ORIGIN": "https://code.example.com:8443",
        "ALLOWED_ORIGINS": "https://partner.example.com",
    }
    async with (
        composition.serve(known, port=0, data_dir=tmp_path) as stack,
        httpx.AsyncClient(trust_env=False, timeout=60) as client,
    ):
        answer = await client.get(f"{stack.url}/config.json", headers={"Host": host})

    assert answer.status_code == status
