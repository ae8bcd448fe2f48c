"""HTTP to one repository: to the address that was checked, without redirects, within limits."""

import base64
import http.client
import io
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from aicode.errors import RemoteFailed
from aicode.tls import certificates
from git.remote.address import RepositoryUrl, Resolve, checked_address, resolve

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SECONDS = 20.0  # of silence
TOTAL_SECONDS = 45.0
ANSWER_BYTES = 150_000_000
_WORDS = 400
_PIECE = 64 * 1024
_UNSHOWN = re.compile(r"[^\x20-\x7e\u00a0-\uffff]+")
# GitHub asks for a user that is ignored, GitLab takes any, Bitbucket asks for this one:
# https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
# https://docs.gitlab.com/user/profile/personal_access_tokens/#clone-repository-using-personal-access-token
# https://support.atlassian.com/bitbucket-cloud/docs/using-access-tokens/
_USERS = {"bitbucket.org": "x-token-auth"}
_USER = "x-access-token"


@dataclass(slots=True)
class Reply:
    """An answer as dulwich wants it; `redirect_location` stays empty, since no redirect is followed."""

    content_type: str | None
    close: Callable[[], None]
    status: int = 200
    redirect_location: str = ""


@dataclass(slots=True)
class Transport:
    """Requests to one repository, with a token if there is one. Blocking.

    All that goes wrong is RemoteFailed, in the host's own words where it has some, and never with the token.
    """

    url: RepositoryUrl
    token: str | None = field(repr=False)
    resolver: Resolve = resolve
    clock: Callable[[], float] = time.monotonic
    seconds: float = TOTAL_SECONDS
    answer_bytes: int = ANSWER_BYTES
    _address: str | None = None
    _until: float | None = None
    _read: int = 0

    def request(
        self, target: str, headers: dict[str, str], data: bytes | Iterator[bytes] | None
    ) -> tuple[Reply, Callable[[int], bytes]]:
        """The answer to GET, or with data to POST, below the repository's path, and what reads its body."""
        connection = self._connection()
        try:
            connection.request(
                "GET" if data is None else "POST",
                self.url.path + target,
                body=self._timed(data) if data is not None and not isinstance(data, bytes) else data,
                headers={
                    **headers,
                    **self._credentials(),
                    "User-Agent": "git/2 (AI Code)",
                    "Pragma": "no-cache",
                },
                encode_chunked=data is not None and not isinstance(data, bytes),
            )
            response = connection.getresponse()
        except BaseException as error:
            connection.close()
            if isinstance(error, OSError | http.client.HTTPException):
                raise self._broken(error) from None
            raise

        def close() -> None:
            response.close()
            connection.close()

        if response.status != 200:
            failure = self._refused(response)
            close()
            raise failure
        return Reply(response.headers.get("content-type"), close), self._reader(response, close)

    def failed(self, words: str) -> RemoteFailed:
        """The error with these words of the host, made fit to be shown."""
        if self.token:
            words = words.replace(self.token, "[token]").replace(self._basic(), "[token]")
        shown = " ".join(_UNSHOWN.sub(" ", words).split())
        return RemoteFailed(
            f"{self.url.host} says: {shown[:_WORDS]}" if shown else f"{self.url.host} refused."
        )

    def _connection(self) -> http.client.HTTPConnection:
        if self._address is None:
            self._address = checked_address(self.url, self.resolver)
        self._until = self._until or self.clock() + self.seconds
        kind = _PinnedTLS if self.url.secure else _Pinned
        made: Any = kind(self.url.host, self.url.port, timeout=min(SECONDS, self._left()))
        made.address = self._address
        made.response_class = partial(_Timely, self._left)
        return made

    def _left(self) -> float:
        left = (self._until or 0) - self.clock()
        if left <= 0:
            raise RemoteFailed(f"{self.url.host} took longer than {self.seconds:g} seconds.")
        return left

    def _timed(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._left()
            yield piece

    def _reader(
        self, response: http.client.HTTPResponse, close: Callable[[], None]
    ) -> Callable[[int], bytes]:
        def read(size: int = -1) -> bytes:
            try:
                self._left()
                data = response.read(size if size >= 0 else _PIECE)
                self._count(data)
            except RemoteFailed:
                close()
                raise
            except (OSError, http.client.HTTPException) as error:
                close()
                raise self._broken(error) from None
            return data

        return read

    def _count(self, data: bytes) -> None:
        self._read += len(data)
        if self._read > self.answer_bytes:
            raise RemoteFailed(f"{self.url.host} sent more than {self.answer_bytes:,} bytes.")

    def _credentials(self) -> dict[str, str]:
        return {"Authorization": f"Basic {self._basic()}"} if self.token else {}

    def _basic(self) -> str:
        user = _USERS.get(self.url.host, _USER)
        return base64.b64encode(f"{user}:{self.token}".encode()).decode()

    def _refused(self, response: http.client.HTTPResponse) -> RemoteFailed:
        if 300 <= response.status < 400:
            return self.failed(f"{response.status} the repository is at another address; connect that one.")
        words = f"{response.status} {response.reason}"
        if response.headers.get_content_type() == "text/plain":
            with suppress(OSError, http.client.HTTPException):
                words += f": {response.read(2000).decode('utf-8', 'replace')}"
        return self.failed(words)

    def _broken(self, error: Exception) -> RemoteFailed:
        if isinstance(error, TimeoutError):
            return RemoteFailed(f"{self.url.host} did not answer in time.")
        return RemoteFailed(f"The connection to {self.url.host} failed or broke off.")


class _Timely(http.client.HTTPResponse):
    """An answer that looks at the time before each wait for a part of it: a host can send byte by byte."""

    def __init__(self, left: Callable[[], float], sock: socket.socket, *rest: Any, **more: Any) -> None:
        super().__init__(sock, *rest, **more)
        reading: Any = self.fp
        self.fp = io.BufferedReader(_Waiting(reading.detach(), sock, left))


class _Waiting(io.RawIOBase):
    """What a socket receives, within the time that is left."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, left: Callable[[], float]) -> None:
        self._raw, self._sock, self._left = raw, sock, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int | None:
        self._sock.settimeout(min(SECONDS, self._left()))
        received: Any = self._raw
        return received.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked, whatever the name means by now."""

    address: str

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class _PinnedTLS(_Pinned):
    """The same over TLS, for the certificate of the name."""

    def connect(self) -> None:
        super().connect()
        self.sock = certificates().wrap_socket(self.sock, server_hostname=self.host)
