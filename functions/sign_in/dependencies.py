"""What the sign-in works with, made anew where its settings have changed."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aicode.auth import TokenVerifier
from aicode.secrets import Kept
from aicode.telemetry import Telemetry
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
    telemetry: Telemetry
    now: Callable[[], float] = time.time


def _make(variables: Mapping[str, str]) -> Dependencies:
    settings = SignInSettings.of(variables)
    return Dependencies(
        settings=settings,
        cognito=Cognito(settings),
        verifier=TokenVerifier(
            jwks_url=settings.jwks_url, issuer=settings.issuer, audience=settings.client_id
        ),
        cookies=Cookies(settings.origin),
        telemetry=Telemetry(service="sign-in", otlp_endpoint=variables.get("OTEL_EXPORTER_OTLP_ENDPOINT")),
    )


dependencies = Kept(_make, service="sign-in")
