"""The bundle of an app's history. Source: https://git-scm.com/docs/gitformat-bundle."""

from collections.abc import AsyncIterator

from git.exports.app_history import Exported


async def bundle(exported: Exported) -> AsyncIterator[bytes]:
    """A bundle with the branch `main`, which `git clone` takes."""
    tip = exported.line.tip
    yield f"# v2 git bundle\n{tip} refs/heads/main\n{tip} HEAD\n\n".encode()
    async for piece in exported.pack(exported.writer()):
        yield piece
