"""Which files count as secret by their names."""

import pytest

from aicode.file_store.secret_paths import is_environment, looks_secret


@pytest.mark.parametrize("path", [".env", ".ENV.local", "api/.env.production", "prod.env", ".envrc"])
def test_environments_are_known_by_their_name(path: str) -> None:
    assert is_environment(path)
    assert looks_secret(path)


@pytest.mark.parametrize(
    "path",
    [
        "tls/server.pem",
        "a.KEY",
        "id_rsa",
        "id_ed25519.pub",
        "aws-credentials",
        "client_secret_1.json",
        "mysecret.txt",
        "secrets.yaml",
        "src/secrets.ts",
        "src/api.credentials.js",
        ".npmrc",
        ".netrc",
        "service-account.json",
        "serviceAccount-prod.json",
        "deploy/secrets/stripe",
        ".aws/config",
    ],
)
def test_so_are_files_of_secrets(path: str) -> None:
    assert looks_secret(path)
    assert not is_environment(path)


@pytest.mark.parametrize(
    "path",
    ["src/env.ts", "environment.md", "src/SecretSanta.tsx", "docs/secrets.d.md/a", "key.ts", "monkey", "pem"],
)
def test_other_files_are_not(path: str) -> None:
    assert not looks_secret(path)
