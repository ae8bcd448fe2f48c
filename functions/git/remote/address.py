"""Which addresses of a repository are taken, and which machines may be connected to for them.

A vendor names the address, so it must lead nowhere that only this function can reach: no private network, no
address of the cloud's own.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from aicode.errors import InvalidRequest, RemoteFailed

LONGEST = 1000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9a-fA-F:.]+")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%+@-]+)+/?")
# Addresses that hold another one, which would have to be looked at as well.
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host; raises OSError."""


@dataclass(frozen=True, slots=True)
class RepositoryUrl:
    """The address of a repository, without a slash at the end; `loopback` if it is on this machine."""

    text: str
    secure: bool
    host: str
    port: int
    path: str
    loopback: bool


def parse(text: str, *, local: bool) -> RepositoryUrl:
    """The address of a repository: https without user, password, query or fragment.

    A `local` stack takes http too, from its own machine. Raises InvalidRequest, which does not repeat it.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise InvalidRequest("`url` is not the address of a repository.") from None
    host = (parts.hostname or "").lower()
    loopback = local and host in _LOOPBACK
    if "@" in parts.netloc:
        raise InvalidRequest("`url` must not hold a user or a password; the token goes into `token`.")
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise InvalidRequest("`url` must begin with https://.")
    plain = text.isascii() and len(text) <= LONGEST and _HOST.fullmatch(host) and _PATH.fullmatch(parts.path)
    if not plain or parts.query or parts.fragment or ".." in parts.path.split("/"):
        raise InvalidRequest("`url` is not the address of a repository, such as https://github.com/you/app.")
    path = parts.path.rstrip("/")
    if port == 0:
        raise InvalidRequest("`url` names no port that can be reached.")
    shown = f"[{host}]" if ":" in host else host
    shown += f":{port}" if port else ""
    return RepositoryUrl(
        f"{parts.scheme}://{shown}{path}",
        parts.scheme == "https",
        host,
        port or _PORTS[parts.scheme],
        path,
        loopback,
    )


def resolve(host: str, port: int) -> Sequence[str]:
    """The host's addresses, by the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def checked_address(url: RepositoryUrl, resolver: Resolve = resolve) -> str:
    """The address to connect to. Raises InvalidRequest unless all of the host's are public.

    Raises RemoteFailed if it has none. A repository on this machine, which only a local stack has, is
    connected to as it is.
    """
    addresses: Sequence[str] = ()
    with suppress(OSError, UnicodeError):
        addresses = resolver(url.host, url.port)
    if not addresses:
        raise RemoteFailed(f"There is no host {url.host}.")
    if url.loopback:
        return addresses[0]
    if not all(map(_is_public, addresses)):
        raise InvalidRequest(f"{url.host} is not on the public internet.")
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            address = address.ipv4_mapped
        elif any(address in network for network in _TRANSLATED):
            return False
    inside = address.is_multicast or address.is_reserved
    return address.is_global and not inside and not getattr(address, "is_site_local", False)
