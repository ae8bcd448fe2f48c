"""What is AWS's own: headers of objects, writes to a key-value store, and their signature."""

from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
import pytest
from botocore.awsrequest import AWSRequest  # pyright: ignore[reportMissingTypeStubs]
from botocore.credentials import Credentials  # pyright: ignore[reportMissingTypeStubs]
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from key_value_store import ARN, KeyValueStore

from aicode.errors import StoreUnavailable
from aicode.sites.aws import live_keys
from aicode.sites.aws.live_keys import LiveKeys
from aicode.sites.aws.shelf import AwsShelf
from aicode.sites.aws.sigv4a import SigV4AAuth, signing_key
from aicode.sites.shelf import Owner, Shown

_boto3: Any = boto3
_Request: Any = AWSRequest
_Credentials: Any = Credentials
# The credentials and the public key of aws-c-auth's own test of the derivation.
ACCESS_KEY, SECRET_KEY = "AKISORANDOMAASORANDOM", "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom"
PUBLIC_X = 0x15D242CEEBF8D8169FD6A8B5A746C41140414C3B07579038DA06AF89190FFFCB
PUBLIC_Y = 0x0515242CEDD82E94799482E4C0514B505AFCCF2C0C98D6A553BF539F424C5EC0

# What botocore's CrtSigV4AsymAuth made with awscrt of the request in the test, with these credentials.
SIGNATURE_OF_AWSCRT = bytes.fromhex(
    "3046022100894c08b40eb4efbd066618f8be35462d9ada83a93d4baebe1b5a68b9e8e3f8ce"
    "022100c2a46ecd3c634661bf37c0f8c55ce83f48b7a8a5a278023833d32dc3ee9991d4"
)


def test_objects_have_the_headers_that_a_browser_gets(aws_shelf: AwsShelf):
    files = {"index.html": b"<p>", "_assets/main-ABCD1234.js": b"1", "logo.png": b"\x89PNG", "data": b"x"}

    aws_shelf.write("site", 1, Owner("alice", "app"), files)

    def told(path: str) -> tuple[str, str]:
        head = _boto3.client("s3").head_object(Bucket="sites", Key=f"sites/site/1/{path}")
        return head["ContentType"], head["CacheControl"]

    assert told("index.html") == ("text/html; charset=utf-8", "no-cache")
    assert told("_assets/main-ABCD1234.js") == (
        "text/javascript; charset=utf-8",
        "public, max-age=31536000, immutable",
    )
    assert told("logo.png") == ("image/png", "no-cache")
    assert told("data") == ("application/octet-stream", "no-cache")


def test_a_key_is_written_again_where_another_site_changed_the_store_meanwhile():
    store = KeyValueStore()
    other = LiveKeys(ARN, store)
    store.before_write = lambda: other.show("other", Shown(3, indexed=True))

    LiveKeys(ARN, store).show("mine", Shown(1, indexed=False))

    assert store.values == {"mine": "1", "other": "3,indexed"}


def test_a_key_that_is_so_already_is_not_written():
    store = KeyValueStore()
    keys = LiveKeys(ARN, store)
    for _ in range(2):
        keys.show("mine", Shown(1, indexed=False))
    keys.show("absent", None)

    assert store.writes == 1


def test_a_store_that_always_changes_is_unavailable():
    store = KeyValueStore()

    def changed() -> None:
        store._state += 1  # pyright: ignore[reportPrivateUsage]
        store.before_write = changed

    store.before_write = changed
    with pytest.raises(StoreUnavailable):
        LiveKeys(ARN, store).show("mine", Shown(1, indexed=False))


def test_the_signing_key_is_the_one_that_aws_derives():
    numbers = signing_key(ACCESS_KEY, SECRET_KEY).public_key().public_numbers()

    assert (numbers.x, numbers.y) == (PUBLIC_X, PUBLIC_Y)


def test_a_request_to_the_store_is_signed_for_all_regions(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    client = live_keys.client(_boto3.Session(region_name="eu-central-1"))
    sent: list[Any] = []

    def not_sent(request: Any, **_: Any) -> None:
        sent.append(request)
        raise ConnectionError("not sent")

    client.meta.events.register("before-send", not_sent)

    with pytest.raises(Exception, match="not sent"):
        client.describe_key_value_store(KvsARN=ARN)

    [request] = sent
    assert request.url.startswith("https://123456789012.cloudfront-kvs.global.api.aws/")
    headers = {name: _text(value) for name, value in request.headers.items()}
    assert headers["X-Amz-Region-Set"] == "*"
    said = headers["Authorization"]
    assert said.startswith(f"AWS4-ECDSA-P256-SHA256 Credential={ACCESS_KEY}/")
    assert "x-amz-region-set" in said


def test_what_is_signed_is_what_awscrt_signs():
    sent = _Request(
        "PUT",
        "https://123456789012.cloudfront-kvs.global.api.aws/key-value-stores/"
        "arn%3Aaws%3Acloudfront%3A%3A123456789012%3Akey-value-store%2Fsites/keys/abc",
        data=b'{"Value":"3"}',
        headers={
            "If-Match": "state-1",
            "Content-Type": "application/json",
            "X-Amz-Security-Token": "tok/en+1",
            "X-Amz-Date": "20261130T132917Z",
            "X-Amz-Region-Set": "*",
        },
    )
    sent.context["timestamp"] = sent.headers["X-Amz-Date"]
    signer = SigV4AAuth(_Credentials(ACCESS_KEY, SECRET_KEY), "cloudfront-keyvaluestore", "*")

    signed = signer.string_to_sign(sent, signer.canonical_request(sent))

    public = signing_key(ACCESS_KEY, SECRET_KEY).public_key()
    public.verify(SIGNATURE_OF_AWSCRT, signed.encode(), ec.ECDSA(hashes.SHA256()))


def test_the_signature_is_made_with_that_key_over_what_was_sent():
    credentials = _Credentials(ACCESS_KEY, SECRET_KEY, "token")
    request = _Request("PUT", "https://x.cloudfront-kvs.global.api.aws/keys/abc", data=b'{"Value":"3"}')
    signer = SigV4AAuth(credentials, "cloudfront-keyvaluestore", "*")
    signer.add_auth(request)

    signature = bytes.fromhex(request.headers["Authorization"].partition("Signature=")[2])
    signed = signer.string_to_sign(request, signer.canonical_request(_unsigned(request)))
    public = signing_key(ACCESS_KEY, SECRET_KEY).public_key()
    public.verify(signature, signed.encode(), ec.ECDSA(hashes.SHA256()))


def _unsigned(request: Any) -> Any:
    del request.headers["Authorization"]
    return request


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
