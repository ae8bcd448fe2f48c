"""What the sign-in works with."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from aicode.auth import TokenVerifier
from sign_in.cognito import Cognito
from sign_in.cookies import Cookies
from sign_in.settings import SignInSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the routes work with."""

    origin: str
    cognito: Cognito
    verifier: TokenVerifier
    cookies: Cookies
    now: Callable[[], float] = time.time


def dependencies() -> Dependencies:
    """The dependencies of this process, made anew where its settings have changed.

    Raises SettingsError if it cannot run.
    """
    return _made_of(SignInSettings.of(os.environ))


@lru_cache(maxsize=1)
def _made_of(settings: SignInSettings) -> Dependencies:
    return Dependencies(
        origin=settings.origin,
        cognito=Cognito(settings),
        verifier=TokenVerifier(
            jwks_url=settings.jwks_url, issuer=settings.issuer, audience=settings.client_id
        ),
        cookies=Cookies(settings.origin),
    )
