"""Tokens of hosts as they are stored."""

import stat
from pathlib import Path

import pytest

from git.remote.tokens import FileTokens, TokenUnreadable


async def test_a_token_opens_only_for_the_vendor_and_app_that_it_was_sealed_for(tmp_path: Path):
    tokens = FileTokens(tmp_path / "new" / "key")
    sealed = await tokens.seal("alice", "app", "the-token")

    assert "the-token" not in sealed
    assert await tokens.open("alice", "app", sealed) == "the-token"
    for vendor, app in (("bob", "app"), ("alice", "other")):
        with pytest.raises(TokenUnreadable):
            await tokens.open(vendor, app, sealed)


async def test_the_key_is_its_owners_alone(tmp_path: Path):
    await FileTokens(tmp_path / "key").seal("alice", "app", "the-token")

    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


async def test_with_another_key_nothing_opens(tmp_path: Path):
    sealed = await FileTokens(tmp_path / "key").seal("alice", "app", "the-token")

    with pytest.raises(TokenUnreadable):
        await FileTokens(tmp_path / "other").open("alice", "app", sealed)


async def test_the_same_token_is_never_sealed_alike(tmp_path: Path):
    tokens = FileTokens(tmp_path / "key")

    assert await tokens.seal("alice", "app", "the-token") != await tokens.seal("alice", "app", "the-token")
