"""What the sign-in is told from outside."""

from collections.abc import Mapping
from dataclasses import dataclass

from aicode.settings import SettingsError
from aicode.surroundings import is_trusted


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # one of them is secret
class SignInSettings:
    """The page's own origin, Cognito's page, what an ID token must say, and by what the edge is known."""

    origin: str
    page: str
    client_id: str
    issuer: str
    jwks_url: str
    origin_secret: str | None

    @staticmethod
    def of(known: Mapping[str, str]) -> "SignInSettings":
        """The settings among these variables; raises SettingsError with one clear line where one is amiss."""
        settings = SignInSettings(
            origin=_url(known, "PUBLIC_ORIGIN").lower(),
            page=_url(known, "SIGN_IN_PAGE"),
            client_id=_text(known, "VENDOR_JWT_AUDIENCE"),
            issuer=_text(known, "VENDOR_JWT_ISSUER"),
            jwks_url=_url(known, "VENDOR_JWKS_URL"),
            origin_secret=known.get("ORIGIN_SECRET", "").strip() or None,
        )
        if settings.origin.count("/") != 2:
            raise SettingsError("PUBLIC_ORIGIN must be one origin such as https://code.example.com.")
        return settings


def _text(known: Mapping[str, str], name: str) -> str:
    value = known.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set (environment, or the parameter of SETTINGS_PARAMETER).")
    return value


def _url(known: Mapping[str, str], name: str) -> str:
    value = _text(known, name).removesuffix("/")
    if not is_trusted(value):
        raise SettingsError(f"{name} must be https (http only on this machine).")
    return value
