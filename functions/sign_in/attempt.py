"""One way to Cognito's page and back: what the browser keeps meanwhile, so that nobody else can end it."""

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import quote, unquote

PATH_LIMIT = 1024
# Printable ASCII; a second slash or a backslash would make a host of what follows.
_LOCAL_PATH = re.compile(r"/(?!/)[\x21-\x5b\x5d-\x7e]*")


def local_path(given: str) -> str:
    """A path of the page itself, with its query: the one that is given, or `/` where it may be another."""
    return given if len(given) <= PATH_LIMIT and _LOCAL_PATH.fullmatch(given) else "/"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`state` comes back with the browser, `verifier` goes to Cognito with the code, `nonce` is in the token.

    `to` is where the browser goes in the end.
    """

    state: str
    verifier: str
    nonce: str
    to: str

    @staticmethod
    def new(to: str) -> "Attempt":
        """An attempt that nobody can guess."""
        state, verifier, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        return Attempt(state, verifier, nonce, local_path(to))

    @staticmethod
    def from_cookie(value: str) -> "Attempt | None":
        """The attempt that `cookie` gave; None for anything else."""
        parts = value.split(".", 3)
        if len(parts) != 4 or not all(parts):
            return None
        state, verifier, nonce, to = parts
        return Attempt(state, verifier, nonce, local_path(unquote(to)))

    def cookie(self) -> str:
        """The attempt as a cookie's value."""
        return ".".join((self.state, self.verifier, self.nonce, quote(self.to)))

    @property
    def challenge(self) -> str:
        """What Cognito is shown of the verifier beforehand (PKCE, RFC 7636)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()
