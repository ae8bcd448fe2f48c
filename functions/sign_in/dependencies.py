"""What the sign-in works with."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from aicode.auth import TokenVerifier
from sign_in.cognito import Cognito
from sign_in.cookies import Cookies
from sign_in.settings import SignInSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the routes work with."""

    settings: SignInSettings
    cognito: Cognito
    verifier: TokenVerifier
    cookies: Cookies
    now: Callable[[], float] = time.time


@cache
def dependencies() -> Dependencies:
    """The dependencies of this process. Raises SettingsError if it cannot run."""
    return _make(os.environ)


def _make(variables: Mapping[str, str]) -> Dependencies:
    settings = SignInSettings.of(variables)
    return Dependencies(
        settings=settings,
        cognito=Cognito(settings),
        verifier=TokenVerifier(
            jwks_url=settings.jwks_url, issuer=settings.issuer, audience=settings.client_id
        ),
        cookies=Cookies(settings.origin),
    )
