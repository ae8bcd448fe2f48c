"""The context object of an invocation, as the managed Python runtime passes it to handlers.

https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

import json
import os
import time
from collections.abc import Mapping
from typing import Any, NamedTuple


class Identity(NamedTuple):
    """The Amazon Cognito identity that authorised the request, if one did."""

    cognito_identity_id: str | None
    cognito_identity_pool_id: str | None


class Client(NamedTuple):
    """The mobile application that called, as the AWS Mobile SDK describes it."""

    installation_id: str | None
    app_title: str | None
    app_version_name: str | None
    app_version_code: str | None
    app_package_name: str | None


class ClientContext(NamedTuple):
    """The caller's header X-Amz-Client-Context, parsed."""

    client: Client | None
    custom: dict[str, Any] | None
    env: dict[str, Any] | None


class Context:
    """One invocation: its id and caller, the function that runs it, and how long it may take.

    Made from the headers (names in lower case) of the Runtime API's answer to `/next`.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn", "")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self.identity = _identity(headers.get("lambda-runtime-cognito-identity"))
        self.client_context = _client_context(headers.get("lambda-runtime-client-context"))
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends this invocation; never below 0."""
        return max(0, self._deadline_ms - int(time.time() * 1000))


def _identity(header: str | None) -> Identity:
    fields: dict[str, Any] = json.loads(header) if header else {}
    return Identity(fields.get("cognitoIdentityId"), fields.get("cognitoIdentityPoolId"))


def _client_context(header: str | None) -> ClientContext | None:
    if not header:
        return None
    fields: dict[str, Any] = json.loads(header)
    client: dict[str, Any] | None = fields.get("client")
    return ClientContext(
        client=Client(*(client.get(name) for name in Client._fields)) if client else None,
        custom=fields.get("custom"),
        env=fields.get("env"),
    )
