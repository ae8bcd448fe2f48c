"""Tokens of hosts, encrypted for one vendor and app: by AWS KMS, or on one machine by a key in a file.

What is stored is of no use anywhere else: the vendor and the app are part of what is encrypted.
"""

import base64
import binascii
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aicode.errors import AICodeError, StoreUnavailable
from aicode.file_store.in_thread import in_thread
from aicode.secrets.service import NoAnswer, ask
from aicode.settings import Settings, missing

KEY_FILE = "git-tokens.key"
_NONCE = 12


class TokenUnreadable(AICodeError):
    """The stored token cannot be decrypted: the key is another one by now."""


class Tokens(Protocol):
    """Encrypts and decrypts tokens."""

    async def seal(self, vendor: str, app_id: str, token: str) -> str:
        """The token as it may be stored, in base64. Raises StoreUnavailable."""
        ...

    async def open(self, vendor: str, app_id: str, sealed: str) -> str:
        """The token again. Raises TokenUnreadable, StoreUnavailable."""
        ...


def open_tokens(settings: Settings) -> Tokens:
    """By the key that the settings name; locally by a key file beside the apps, unless they name one."""
    if settings.git_token_key:
        return KmsTokens(settings.git_token_key, os.environ)
    if not settings.local:
        raise missing("GIT_TOKEN_KEY")
    return FileTokens(Path(settings.data_dir) / KEY_FILE)


@dataclass(frozen=True, slots=True)
class KmsTokens:
    """By a KMS key, which sees vendor and app as the encryption context.

    https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
    """

    key: str
    environment: Mapping[str, str]

    @in_thread
    def seal(self, vendor: str, app_id: str, token: str) -> str:
        """The token as it may be stored."""
        plain = base64.b64encode(token.encode()).decode("ascii")
        return self._ask("Encrypt", vendor, app_id, {"Plaintext": plain})["CiphertextBlob"]

    @in_thread
    def open(self, vendor: str, app_id: str, sealed: str) -> str:
        """The token again."""
        answer = self._ask("Decrypt", vendor, app_id, {"CiphertextBlob": sealed})
        return base64.b64decode(answer["Plaintext"]).decode()

    def _ask(
        self, operation: str, vendor: str, app_id: str, arguments: Mapping[str, str]
    ) -> Mapping[str, str]:
        context = {"KeyId": self.key, "EncryptionContext": {"vendor": vendor, "app": app_id}}
        try:
            return ask(self.environment, "kms", f"TrentService.{operation}", {**arguments, **context})
        except NoAnswer as error:
            if "InvalidCiphertext" in str(error) or "IncorrectKey" in str(error):
                raise TokenUnreadable from None
            raise StoreUnavailable("The key of the git tokens cannot be used just now.") from error


@dataclass(frozen=True, slots=True)
class FileTokens:
    """By a key of this machine, which is made when first used, and which only its owner reads."""

    path: Path

    @in_thread
    def seal(self, vendor: str, app_id: str, token: str) -> str:
        """The token as it may be stored."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self._key()).encrypt(nonce, token.encode(), _context(vendor, app_id))
        return base64.b64encode(nonce + sealed).decode("ascii")

    @in_thread
    def open(self, vendor: str, app_id: str, sealed: str) -> str:
        """The token again."""
        try:
            data = base64.b64decode(sealed, validate=True)
            plain = AESGCM(self._key()).decrypt(data[:_NONCE], data[_NONCE:], _context(vendor, app_id))
        except (InvalidTag, binascii.Error, ValueError):
            raise TokenUnreadable from None
        return plain.decode()

    def _key(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            self._make()
            return self.path.read_bytes()

    def _make(self) -> None:
        """Makes the key, unless another process was faster; nobody ever sees half of it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        place, name = tempfile.mkstemp(dir=self.path.parent)  # which only its owner reads
        try:
            with os.fdopen(place, "wb") as made:
                made.write(AESGCM.generate_key(256))
            with suppress(FileExistsError):
                os.link(name, self.path)
        finally:
            Path(name).unlink()


def _context(vendor: str, app_id: str) -> bytes:
    return f"{vendor}\n{app_id}".encode()
