"""Asks an AWS service over plain HTTPS.

The SDK would be the greater part of a cold start: boto3 takes fifteen times as long to import as the
interpreter takes to start, botocore's signer alone ten times. What is needed of it are two requests.
"""

import http.client
import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from aicode.errors import AICodeError
from aicode.secrets.signature import Credentials, Question, signed_headers
from aicode.tls import connection_to

TRIES = 3
SECONDS = 2.0
# The wait before another try is up to so long, and twice as long each time: many processes may start at once.
PAUSE = 0.2
# https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html
_OWN_ENDPOINTS = {
    "secretsmanager": "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "ssm": "AWS_ENDPOINT_URL_SSM",
    "kms": "AWS_ENDPOINT_URL_KMS",
}


class NoAnswer(AICodeError):
    """The service did not answer, or refused; the message says which of both in a few words, and no value."""


class _TryAgain(NoAnswer):
    """It may answer another time."""


def ask(  # noqa: PLR0913 - the question, how often, and the clock
    env: Mapping[str, str],
    service: str,
    operation: str,
    arguments: Mapping[str, object],
    *,
    tries: int = TRIES,
    sleep: Callable[[float], None] = time.sleep,
) -> Mapping[str, Any]:
    """The answer to an operation, as the function whose environment this is. Blocks. Raises NoAnswer."""
    url, body = endpoint(env, service), json.dumps(arguments).encode()
    question = Question(service=service, region=_region(env), operation=operation, body=body)

    def once() -> Mapping[str, Any]:
        headers = signed_headers(question, _credentials(env), urlsplit(url).netloc, time.time())
        return _exchange(url, "POST", headers, body)

    for number in range(1, tries):
        try:
            return once()
        except _TryAgain:
            sleep(random.uniform(0, PAUSE * 2**number))  # noqa: S311 - spreads processes, keeps no secret
    return once()


def endpoint(env: Mapping[str, str], service: str) -> str:
    """Where the service is: where a variable of the SDK says, or else in the function's region."""
    region = _region(env)
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    named = env.get(_OWN_ENDPOINTS[service]) or env.get("AWS_ENDPOINT_URL")
    return named or f"https://{service}.{region}.{domain}"


def _region(env: Mapping[str, str]) -> str:
    return env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or ""


def _credentials(env: Mapping[str, str]) -> Credentials:
    """The role's: in the environment or, where Lambda starts from snapshots, at an address inside it.

    https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html#snapstart-credentials
    """
    if env.get("AWS_ACCESS_KEY_ID"):
        return Credentials(
            key_id=env["AWS_ACCESS_KEY_ID"],
            secret=env.get("AWS_SECRET_ACCESS_KEY", ""),
            token=env.get("AWS_SESSION_TOKEN"),
        )
    url = env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    if not url:
        raise NoAnswer("no AWS credentials")
    found = _exchange(url, "GET", {"authorization": env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")})
    try:
        return Credentials(key_id=found["AccessKeyId"], secret=found["SecretAccessKey"], token=found["Token"])
    except KeyError:
        raise NoAnswer("no AWS credentials") from None


def _exchange(url: str, method: str, headers: Mapping[str, str], body: bytes = b"") -> Mapping[str, Any]:
    parts = urlsplit(url)
    connection = connection_to(parts, SECONDS)
    path = f"{parts.path or '/'}?{parts.query}".removesuffix("?")
    try:
        connection.request(method, path, body, dict(headers))
        reply = connection.getresponse()
        answer: object = json.loads(reply.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _TryAgain(f"no answer from {parts.hostname}") from error
    finally:
        connection.close()
    found = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    if reply.status == 200:
        return found
    kind = str(found.get("__type", "")).rpartition("#")[2]
    again = reply.status >= 500 or reply.status == 429 or kind == "ThrottlingException"
    raise (_TryAgain if again else NoAnswer)(kind or f"status {reply.status}")
