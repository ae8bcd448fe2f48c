"""Bearer tokens for the local stack: `make token VENDOR=alice`."""

import os
import sys
import time
from pathlib import Path

import jwt

from aicode.auth import LONGEST_LIFE_SECONDS
from aicode.ids import is_id
from aicode.settings import Settings, SettingsError
from dev import stand_ins

LIFETIME_SECONDS = LONGEST_LIFE_SECONDS


def make_token(settings: Settings, vendor: str, *, now: float | None = None) -> str:
    """A token for the vendor, valid for a day; raises SettingsError where tokens come from a key set."""
    if settings.jwt_secret is None:
        raise SettingsError("VENDOR_JWKS_URL is set: tokens come from whoever holds the keys.")
    if not is_id(vendor):
        raise SettingsError("A vendor is 1 to 64 letters, digits, - or _: make token VENDOR=alice")
    issued = int(time.time() if now is None else now)
    claims: dict[str, object] = {
        "sub": vendor,
        "aud": settings.jwt_audience,
        "iat": issued,
        "exp": issued + LIFETIME_SECONDS,
    }
    if settings.jwt_issuer:
        claims["iss"] = settings.jwt_issuer
    return jwt.encode(claims, settings.jwt_secret, algorithm="HS256")


def main(arguments: list[str]) -> str | None:
    """Prints the token; the returned line says why there is none."""
    try:
        known = stand_ins.read(Path.cwd(), os.environ)
        token = make_token(stand_ins.local_settings(known), "".join(arguments))
    except SettingsError as error:
        return str(error)
    sys.stdout.write(f"{token}\n")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
