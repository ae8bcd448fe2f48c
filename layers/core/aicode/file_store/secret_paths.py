"""Which files look as if they held secrets, by their names. What is in them must stay in the app. Pure."""

import re

_ENVIRONMENT = re.compile(r"\.env.*|.*\.env", re.IGNORECASE)
_SECRET = re.compile(
    r".*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc)"
    r"|id_(?:rsa|dsa|ecdsa|ed25519).*"
    r"|\.(?:npmrc|yarnrc|netrc|pypirc|htpasswd|pgpass|git-credentials|dockercfg)|_netrc"
    r"|service[-_]?account.*\.json"
    r"|.*(?:credential|secret).*",
    re.IGNORECASE,
)
_SECRET_FOLDER = re.compile(r"(?:.*/)?(?:\.ssh|\.aws|\.gnupg|\.?secrets?|\.?credentials)/.*", re.IGNORECASE)
# In the name of source code these words count only by themselves: SecretSanta.tsx holds no secret.
_SOURCE = re.compile(r".*\.(?:[cm]?[jt]sx?|css|html?|mdx?|svg|vue|svelte)", re.IGNORECASE)
_SECRET_SOURCE = re.compile(r"(?:.*[._-])?(?:credential|secret)s?[._-].*", re.IGNORECASE)


def is_environment(path: str) -> bool:
    """True for `.env` and its kin, such as `.env.local` and `prod.env`."""
    return _ENVIRONMENT.fullmatch(_name(path)) is not None


def looks_secret(path: str) -> bool:
    """True for a file of which nothing may leave the app, `.env` and its kin included."""
    name = _name(path)
    secret = _SECRET_SOURCE if _SOURCE.fullmatch(name) else _SECRET
    return bool(is_environment(path) or secret.fullmatch(name) or _SECRET_FOLDER.fullmatch(path))


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
