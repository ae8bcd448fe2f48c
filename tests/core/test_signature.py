"""Our signature is the one that AWS's own SDK makes."""

import datetime as dt
import json
from typing import Any, cast

import botocore.auth  # pyright: ignore[reportMissingTypeStubs] - botocore has no types
from botocore.awsrequest import AWSRequest  # pyright: ignore[reportMissingTypeStubs]
from botocore.credentials import Credentials as SdkCredentials  # pyright: ignore[reportMissingTypeStubs]
from hypothesis import given
from hypothesis import strategies as st

from aicode.secrets.signature import Credentials, Question, signed_headers

words = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=40)
keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)
moments = st.integers(0, 4_000_000_000)
hosts = st.one_of(words.map(lambda name: f"{name.lower()}.amazonaws.com"), st.just("127.0.0.1:5000"))


class AtTheTime(botocore.auth.SigV4Auth):
    """The SDK's signer at a given time instead of now."""

    def signed_at(self, request: Any, at: int) -> dict[str, str]:
        moment = dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y%m%dT%H%M%SZ")
        request.context["timestamp"] = moment
        own = cast("Any", self)
        own._modify_request_before_signing(request)
        text = own.string_to_sign(request, own.canonical_request(request))
        own._inject_signature_to_request(request, own.signature(text, request))
        return {name.lower(): value for name, value in request.headers.items()}


@given(
    words,
    words,
    words,
    st.dictionaries(words, st.text()),
    keys,
    keys,
    st.one_of(st.none(), keys),
    hosts,
    moments,
)
def test_it_is_the_sdks_whatever_is_asked_by_whomever_whenever(  # noqa: PLR0913, PLR0917 - what a request is made of
    service: str,
    region: str,
    operation: str,
    arguments: dict[str, str],
    key_id: str,
    secret: str,
    token: str | None,
    host: str,
    at: int,
) -> None:
    body = json.dumps(arguments).encode()

    ours = signed_headers(
        Question(service=service, region=region, operation=operation, body=body),
        Credentials(key_id=key_id, secret=secret, token=token),
        host,
        at,
    )

    named = {"content-type": "application/x-amz-json-1.1", "x-amz-target": operation}
    request = AWSRequest(method="POST", url=f"https://{host}/", data=body, headers=named)
    signer = AtTheTime(cast("Any", SdkCredentials)(key_id, secret, token), service, region)
    theirs = signer.signed_at(request, at)
    assert ours["authorization"] == theirs["authorization"]
    assert {name: ours[name] for name in theirs} == theirs


def test_credentials_that_are_printed_tell_nothing() -> None:
    assert "hush" not in repr(Credentials(key_id="hush", secret="hush", token="hush"))
