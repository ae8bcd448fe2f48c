"""Secrets Manager and Systems Manager's parameters on this machine, as far as functions ask them.

Like AWS they refuse who does not sign; whether a signature is right they do not look at.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from dev.function_url.function import ACCOUNT, REGION
from dev.http import Exchange, HTTPServer

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ai-code"
PARAMETER = "/ai-code/settings"
_LIMIT = 10_000
ROLE_PATH, ROLE_TOKEN = "/v1/credentials", "token-of-the-sandbox"


@dataclass(slots=True)
class SecretStore:
    """What the secret and the parameter hold, which may be changed at any time, and who asked.

    The next answers are those of `errors`, by the names of AWS's exceptions; `away` = none comes at all.
    """

    secret: str = "{}"  # noqa: S105 - an empty object
    parameter: str = "{}"
    errors: list[str] = field(default_factory=list[str])
    away: bool = False
    asked: list[str] = field(default_factory=list[str])
    credentials: list[str] = field(default_factory=list[str])
    url: str = ""

    @property
    def variables(self) -> dict[str, str]:
        """The variables of a function that finds its secret and its parameter here."""
        return {
            "SECRETS_ARN": SECRET,
            "SETTINGS_PARAMETER": PARAMETER,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }

    async def handle(self, exchange: Exchange) -> None:
        """Answers one HTTP request."""
        request = exchange.request
        if request.path == ROLE_PATH:
            self._role(exchange)
            return
        body = json.loads(await exchange.read_body(_LIMIT))
        operation = request.headers.get("x-amz-target", "")
        self.asked.append(operation)
        who = request.headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
        self.credentials.append(who)
        if self.away:
            return
        if self.errors:
            _refuse(exchange, self.errors.pop(0))
        elif not who:
            _refuse(exchange, "MissingAuthenticationTokenException")
        elif operation == "secretsmanager.GetSecretValue" and body == {"SecretId": SECRET}:
            exchange.send_json(200, {"ARN": SECRET, "SecretString": self.secret})
        elif operation == "AmazonSSM.GetParameter" and body == {"Name": PARAMETER}:
            exchange.send_json(200, {"Parameter": {"Name": PARAMETER, "Value": self.parameter}})
        else:
            _refuse(exchange, "ResourceNotFoundException")

    def _role(self, exchange: Exchange) -> None:
        if exchange.request.headers.get("authorization") != ROLE_TOKEN:
            exchange.send_json(403, {})
            return
        role = {"AccessKeyId": "of-the-role", "SecretAccessKey": "key", "Token": "token", "Expiration": ""}
        exchange.send_json(200, role)


def _refuse(exchange: Exchange, kind: str) -> None:
    status = 500 if kind == "InternalServiceError" else 400
    exchange.send_json(status, {"__type": f"com.amazon.coral.service#{kind}", "message": "No."})


@asynccontextmanager
async def serve(
    secret: Mapping[str, str] | None = None, parameter: Mapping[str, str] | None = None
) -> AsyncGenerator[SecretStore]:
    """One that holds these, until left."""
    store = SecretStore(json.dumps(dict(secret or {})), json.dumps(dict(parameter or {})))
    http = HTTPServer(store.handle)
    async with http.listening():
        store.url = http.url
        yield store
