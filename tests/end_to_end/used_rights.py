"""Which rights of IAM a request to AWS needs, as its sender signed it.

A function of the local stack signs with its own name for a key's id, so a request tells who sends it.
Whatever is not known here becomes a right of its own name, which no role has.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.template.deployed import ACCOUNT
from tests.template.rights import Right

# Without a region where it is signed for all of them.
_SIGNED = re.compile(r"Credential=([^/]+)/[0-9]+/(?:([^/]+)/)?([^/]+)/aws4_request")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
_MEMBERS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
# By the method, whether it is about an object, and what the query names:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
# Who may not list the bucket is told 403 rather than 404 of an object that is not there. To the file store
# both are the same failure, so reading needs no right to list.
_OF_S3 = {
    ("GET", True, ""): "GetObject",
    ("HEAD", True, ""): "GetObject",
    ("PUT", True, ""): "PutObject",
    ("DELETE", True, ""): "DeleteObject",
    ("GET", False, ""): "ListBucket",
    ("HEAD", False, ""): "ListBucket",
    ("PUT", False, ""): "CreateBucket",
    ("POST", False, "delete"): "DeleteObject",
}
# A form that brings an object: whoever signed it needs the right to put it there.
_FORM = re.compile(
    rb'name="key"\r\n\r\n(?P<key>[^\r]+)\r\n.*name="x-amz-credential"\r\n\r\n(?P<signer>[^/]+)/', re.DOTALL
)
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfrontkeyvaluestore.html
KEY_VALUES = re.compile(r"/key-value-stores/(arn:[^/]+/[^/]+)(?:/keys/(.+))?")
"""The path of a request to a key-value store of CloudFront: the store, and a key."""
_OF_KEYS = {
    ("GET", False): "DescribeKeyValueStore",
    ("GET", True): "GetKey",
    ("PUT", True): "PutKey",
    ("DELETE", True): "DeleteKey",
}
_LISTING = {"list-type", "prefix", "delimiter", "encoding-type", "continuation-token", "max-keys", "x-id"}
# Headers of a PUT that need a right of their own.
_MORE_THAN_A_PUT = ("x-amz-acl", "x-amz-grant", "x-amz-tagging", "x-amz-copy-source", "x-amz-object-lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsRequest:
    """A request as it arrives; header names are in lower case, and the path is without its query."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


def needed(request: AwsRequest) -> set[Right]:
    """The rights that it needs, in the name of the key that it is signed with; none if it is not signed."""
    signed = _SIGNED.search(request.headers.get("authorization", ""))
    if signed is None:
        return _of_a_form(request)
    caller, region, service = signed.groups()
    asked_by = {"s3": _of_s3, "lambda": _of_lambda, "cloudfront-keyvaluestore": _of_keys}
    actions = asked_by.get(service, _of_json)
    place = f"arn:aws:{service}:{region}:{ACCOUNT}"
    return {Right(caller, f"{service}:{action}", resource) for action, resource in actions(request, place)}


def _of_a_form(request: AwsRequest) -> set[Right]:
    """What a form needs that a browser sends, in the name of the key that its policy is signed with."""
    form = _FORM.search(request.body) if request.method == "POST" else None
    if form is None:
        return set()
    name = f"arn:aws:s3:::{unquote(request.path).strip('/')}/{form['key'].decode()}"
    return {Right(form["signer"].decode(), "s3:PutObject", name)}


def _of_json(request: AwsRequest, place: str) -> set[tuple[str, str]]:
    """The services whose requests name their action in a header, and what it is about in a body of JSON."""
    action, asked = request.headers["x-amz-target"].rpartition(".")[2], json.loads(request.body)
    if action.startswith("Transact"):
        members = [pair for each in asked["TransactItems"] for pair in each.items()]
        return {(_MEMBERS[kind], f"{place}:table/{of['TableName']}") for kind, of in members}
    if action.startswith("Batch"):
        return {(action, f"{place}:table/{table}") for table in asked["RequestItems"]}
    return {(action, _named(asked, place))}


def _named(asked: dict[str, Any], place: str) -> str:
    if "TableName" in asked:
        return f"{place}:table/{asked['TableName']}" + (
            f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
        )
    if "EncryptionContext" in asked:
        return asked["KeyId"]  # its ARN
    if "QueueUrl" in asked:
        return f"{place}:{asked['QueueUrl'].rpartition('/')[2]}"
    if "SecretId" in asked:
        return asked["SecretId"]  # its ARN: by a secret's name alone no policy is matched
    return f"{place}:parameter/{str(asked.get('Name', '')).removeprefix('/')}"


def _of_lambda(request: AwsRequest, place: str) -> set[tuple[str, str]]:
    asked = re.fullmatch(r"/2015-03-31/functions/([^/]+)/invocations", request.path)
    if asked is None:
        return {(f"{request.method} {request.path}", place)}
    name = unquote(asked[1]).rpartition("function:")[2]
    qualifier = dict(parse_qsl(request.query)).get("Qualifier")
    return {("InvokeFunction", f"{place}:function:{name}" + (f":{qualifier}" if qualifier else ""))}


def _of_keys(request: AwsRequest, _place: str) -> set[tuple[str, str]]:
    found = KEY_VALUES.fullmatch(request.path)
    assert found
    return {(_OF_KEYS[request.method, bool(found[2])], found[1])}


def _of_s3(request: AwsRequest, _place: str) -> set[tuple[str, str]]:
    bucket, _, key = request.path.lstrip("/").partition("/")
    named = {name for name, _ in parse_qsl(request.query, keep_blank_values=True)} - _LISTING
    asked = (request.method, bool(key), ",".join(sorted(named)))
    action = _OF_S3.get(asked, f"{request.method} {' '.join(sorted(named))}")
    more = [name for name in request.headers if name.startswith(_MORE_THAN_A_PUT)]
    keys = re.findall(rb"<Key>(.*?)</Key>", request.body) if asked[2] == "delete" else []
    of = [f"arn:aws:s3:::{bucket}/{each.decode()}" for each in keys] or [
        "arn:aws:s3:::" + request.path.strip("/")
    ]
    return {(each, resource) for each in [action, *more] for resource in of}
