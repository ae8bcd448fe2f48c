"""What is asked of a host: its branches, the files of one, and to take commits. Blocking."""

import logging
import tempfile
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from dulwich.client import AbstractHttpGitClient
from dulwich.errors import (
    ApplyDeltaError,
    ChecksumMismatch,
    FileFormatException,
    GitProtocolError,
    HangupException,
    SendPackError,
)
from dulwich.pack import UnpackedObject, UnresolvedDeltas

from aicode.errors import AICodeError, RemoteFailed
from git.history.objects import KINDS, Packed
from git.remote import packs
from git.remote.fetched import Fetched
from git.remote.transport import Transport

NO_COMMIT = "0" * 40
# What dulwich trips over where an answer is not as git would give it.
_UNREADABLE = (
    *(ApplyDeltaError, ChecksumMismatch, FileFormatException, UnresolvedDeltas, zlib.error),
    *(ArithmeticError, AssertionError, LookupError, ValueError),
)
# It warns of a host's odd answers in the host's own words, which belong in no log.
logging.getLogger("dulwich").setLevel(logging.CRITICAL)


class Moved(AICodeError):
    """The branch is not any more where it was read."""


@dataclass(frozen=True, slots=True)
class Branches:
    """The commits of all branches by name, and the branch that a clone would show, if the host says it."""

    commits: dict[str, str]
    default: str | None


class _Client(AbstractHttpGitClient):
    """dulwich's client over our transport; only the smart protocol, and only this repository."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport.url.text, quiet=True, thin_packs=False)
        self._transport = transport

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,  # noqa: ARG002 - dulwich's; all but 200 is a failure
    ) -> Any:
        base = f"{self._transport.url.text}/"
        if not url.startswith(base):
            raise RemoteFailed("The host sends to another address, which is not followed.")
        reply, read = self._transport.request(f"/{url.removeprefix(base)}", headers or {}, data)
        if not (reply.content_type or "").startswith("application/x-git-"):
            reply.close()
            raise self._transport.failed("this is no git repository")
        return reply, read


class Host:
    """One repository at a host. Everything that fails is RemoteFailed."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._words: list[bytes] = []

    def writable_branches(self) -> dict[str, str]:
        """The branches and their commits, asked for as a push asks: it shows that the token may write."""
        with self._failures():
            client: Any = _Client(self._transport)
            refs = client._discover_references(b"git-receive-pack", client._get_url(""))[0]
            return _branches(refs)

    def branches(self) -> Branches:
        """The branches, asked for as a fetch asks."""
        with self._failures():
            found = _Client(self._transport).get_refs("")
            heads = {name: value for name, value in found.symrefs.items() if name == b"HEAD"}
            default = heads.get(cast("Any", b"HEAD"))
            return Branches(
                _branches(found.refs),
                default.removeprefix(b"refs/heads/").decode("utf-8", "replace") if default else None,
            )

    def fetch(self, commit: str, depth: int | None) -> Fetched:
        """The commit with its past, `depth` commits deep or all of it, and all of their files."""

        def wanted(*_: Any, **__: Any) -> Any:
            return [commit.encode()]

        with self._failures(), tempfile.SpooledTemporaryFile(packs.IN_MEMORY) as pack:
            result = _Client(self._transport).fetch_pack(
                "",
                wanted,
                cast("Any", _Nothing()),
                pack.write,
                progress=self._words.append,
                depth=depth,
            )
            return Fetched.of(packs.objects(pack), shallow=bool(result.new_shallow))

    def push(
        self, branch: str, before: str | None, after: str, objects: Iterable[Packed], count: int
    ) -> None:
        """Moves the branch from one commit to another, never by force; `before` is None for a new branch.

        Raises Moved if the branch is somewhere else by now.
        """
        ref = f"refs/heads/{branch}".encode()

        def update(refs: dict[bytes, bytes]) -> dict[bytes, bytes]:
            if refs.get(ref, NO_COMMIT.encode()).decode() != (before or NO_COMMIT):
                raise Moved
            return {ref: after.encode()}

        def generate(*_: Any, **__: Any) -> Any:
            return count, map(_unpacked, objects)

        with self._failures():
            result = _Client(self._transport).send_pack(
                "",
                cast("Any", update),
                generate,
                progress=self._words.append,
            )
        reason = (result.ref_status or {}).get(ref)
        if reason is not None:
            words = f"{_shown(self._words)} {reason}"
            if self.writable_branches().get(branch) != before:
                raise Moved
            raise self._transport.failed(words)

    @contextmanager
    def _failures(self) -> Generator[None]:
        self._words.clear()
        try:
            yield
        except RemoteFailed:
            raise
        except SendPackError as error:
            raise self._transport.failed(
                f"{_shown(self._words)} {_shown([*map(_bytes, error.args)])}"
            ) from None
        except (GitProtocolError, HangupException) as error:
            raise self._transport.failed(f"{_shown(self._words)} {error}") from None
        except packs.TooMuch:
            host = self._transport.url.host
            raise RemoteFailed(f"{host} sent more than {packs.OBJECTS_BYTES:,} bytes.") from None
        except _UNREADABLE:
            raise RemoteFailed(f"What {self._transport.url.host} sent cannot be read.") from None


class _Nothing:
    """Says to the host that nothing is known here, so that a pack needs nothing that is not in it."""

    shallow: frozenset[bytes] = frozenset()
    unshallow: frozenset[bytes] = frozenset()

    def __next__(self) -> None:
        return None

    next = __next__

    def ack(self, _sha: bytes) -> None:
        """There is nothing to agree on."""

    def nak(self) -> None:
        """There is nothing to agree on."""

    def update_shallow(self, *_: object) -> None:
        """Noted by whoever asked."""


def _branches(refs: Any) -> dict[str, str]:
    heads = {name: commit for name, commit in refs.items() if name.startswith(b"refs/heads/") and commit}
    return {
        name.removeprefix(b"refs/heads/").decode("utf-8", "replace"): commit.decode("ascii")
        for name, commit in heads.items()
        if not name.endswith(b"^{}")
    }


def _unpacked(packed: Packed) -> UnpackedObject:
    made = UnpackedObject(
        KINDS[packed.kind], decomp_len=packed.size, decomp_chunks=[], sha=bytes.fromhex(packed.id)
    )
    made.comp_chunks = [packed.entry]  # sent as it is, instead of being compressed once more
    return made


def _bytes(word: object) -> bytes:
    return word if isinstance(word, bytes) else str(word).encode()


def _shown(words: Sequence[bytes]) -> str:
    """What the host said beside the protocol, such as what a hook printed, without its counting."""
    text = b"".join(words).decode("utf-8", "replace")
    lines = (line.split("\r")[-1].strip() for line in text.split("\n"))
    return " ".join(line for line in lines if line and "%" not in line)
