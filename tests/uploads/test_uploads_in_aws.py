"""Uploads in AWS: the form that S3 takes, what is left in the bucket, and the sweeps."""

import base64
import hashlib
import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - boto3 has no types
import pytest
from botocore.awsrequest import AWSResponse  # pyright: ignore[reportMissingTypeStubs]
from files import png
from strict_s3 import BUCKET, SESSION, send_to_moto
from upload_world import DAY, World

from aicode.errors import NotFound, StoreUnavailable
from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.dynamodb.table import Item, Table
from aicode.uploads.aws.bucket import Bucket
from aicode.uploads.aws.shelf import AwsShelf
from aicode.uploads.record import Record
from tests.file_store.cloud import Cloud, SerialTable

_boto3: Any = boto3
_response: Any = AWSResponse
APP = "alice-app"
POLICY = Path(__file__).parents[2] / "web" / "content-policy.txt"
# Later than whatever moto says of its objects.
FAR = 4_000_000_000_000


def record(data: bytes) -> Record:
    return Record(
        vendor="alice",
        app_id=APP,
        upload_id="upload-1",
        name="logo.png",
        media_type="image/png",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        created_at=0,
        keep_until=DAY,
    )


async def test_the_policy_names_the_key_the_type_the_size_and_the_checksum_and_nothing_may_differ(
    in_aws: World,
):
    data = png()
    new = await in_aws.announce(data)

    policy = json.loads(base64.b64decode(new["fields"]["policy"]))

    checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
    own = [each for each in policy["conditions"] if "x-amz-" not in str(each) or "checksum" in str(each)]
    assert own == [
        {"Content-Type": "image/png"},
        {"x-amz-checksum-algorithm": "SHA256"},
        {"x-amz-checksum-sha256": checksum},
        ["content-length-range", len(data), len(data)],
        {"bucket": "files"},
        {"key": f"uploads/{APP}/{new['uploadId']}"},
    ]
    # All else that the form has proves who signed it.
    proof = {"policy", "x-amz-signature", "x-amz-algorithm", "x-amz-credential", "x-amz-date"}
    checks = {"x-amz-checksum-algorithm", "x-amz-checksum-sha256"}
    assert new["fields"].keys() == {"key", "Content-Type"} | checks | proof


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("eu-central-1", "amazonaws.com"),
        ("us-east-1", "amazonaws.com"),
        ("ap-southeast-4", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
    ],
)
def test_a_form_goes_to_the_host_of_the_buckets_own_region_which_the_page_may_ask(
    aws: Cloud, region: str, domain: str
):
    bucket = Bucket("files", None, _boto3.Session("key", "secret", "token", region_name=region))

    form = bucket.form(record(png()))

    assert form.url == f"https://files.s3.{region}.{domain}/"
    [connect] = [line for line in POLICY.read_text().splitlines() if line.startswith("connect-src ")]
    assert any(fnmatch(form.url, f"{source}/") for source in connect.split())
    assert form.fields["x-amz-security-token"] == "token"  # of the function's role


def test_a_form_for_an_emulator_goes_to_its_address(aws: Cloud):
    assert Bucket("files", "http://127.0.0.1:5000").form(record(png())).url == "http://127.0.0.1:5000/files"


async def test_a_refused_upload_leaves_no_bytes_in_the_bucket(in_aws: World, aws: Cloud):
    upload_id = await in_aws.give(b"no picture")
    assert aws.objects() == [f"uploads/{APP}/{upload_id}"]

    await in_aws.store.find("alice", APP, upload_id)

    assert aws.objects() == []


async def test_bytes_that_were_replaced_after_they_were_looked_at_are_not_read(in_aws: World, aws: Cloud):
    upload_id = await in_aws.give(png())
    await in_aws.store.find("alice", APP, upload_id)
    _boto3.client("s3").put_object(Bucket="files", Key=f"uploads/{APP}/{upload_id}", Body=b"others")

    with pytest.raises(NotFound):
        await in_aws.store.read("alice", APP, upload_id)


async def test_bytes_that_come_for_a_deleted_app_are_swept(in_aws: World, aws: Cloud):
    new = await in_aws.announce(png())
    await in_aws.store.delete_app("alice", APP)
    await send_to_moto(new["url"], new["fields"], png())  # S3 knows of no app
    assert len(aws.objects()) == 1

    in_aws.clock.now = 0
    assert await in_aws.store.sweep() == 0  # they are too young: an announcement may be on its way
    in_aws.clock.now = FAR
    assert await in_aws.store.sweep() == 1
    assert aws.objects() == []


async def test_no_item_is_left_of_what_was_swept_but_the_count(in_aws: World, aws: Cloud):
    await in_aws.give(png())
    in_aws.clock.now = FAR

    assert await in_aws.store.sweep() == 1

    assert aws.items() == [("UPLOADS#alice", "#")]
    assert aws.objects() == []
    await in_aws.give(png())


class Meanwhile(SerialTable):
    """A table in which something else happens between reading and writing."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__("apps", "files", None)
        self._happens = happens

    def query(
        self, pk: str, start: str, end: str, *, only: Sequence[str] = (), backwards: int | None = None
    ) -> Generator[Item]:
        found = [*super().query(pk, start, end, only=only, backwards=backwards)]
        self._happens()
        yield from found


async def test_an_upload_that_a_message_takes_while_it_is_being_swept_stays(in_aws: World, aws: Cloud):
    upload_id = await in_aws.give(png())
    [kept] = in_aws.shelf.get("alice", APP, [upload_id]).values()
    table = Meanwhile(lambda: in_aws.shelf.extend([kept], FAR))

    assert AwsShelf(table, Bucket(BUCKET, None, SESSION)).sweep(in_aws.clock.now + DAY) == 0

    in_aws.clock.pass_ms(DAY)
    assert (await in_aws.store.find("alice", APP, upload_id))["status"] == "ready"


class Refusing:
    """The way to DynamoDB, on which each write of an upload that is there already is refused with a code."""

    def __init__(self, code: str) -> None:
        self._body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}"}).encode()
        session = _boto3.Session()
        session.events.register_first("before-send.dynamodb.UpdateItem", self._refuse)
        self.table = Table("apps", "files", None, session)

    def _refuse(self, request: Any, **_: object) -> Any:
        request.url = "https://nowhere.invalid"  # moto hears of it too, and shall not carry it out
        return _response("", 400, {}, self)

    def stream(self) -> Sequence[bytes]:
        """The body, as botocore reads it."""
        return [self._body]


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "TransactionConflictException"])
async def test_a_write_that_the_table_did_not_take_is_told_and_not_taken_for_done(in_aws: World, code: str):
    ready, waiting = await in_aws.give(png()), await in_aws.give(png())
    await in_aws.store.find("alice", APP, ready)
    refusing = replace(in_aws, shelf=AwsShelf(Refusing(code).table, Bucket(BUCKET, None, SESSION)))

    with pytest.raises(StoreUnavailable):
        await refusing.store.attachments("alice", APP, [ready])
    with pytest.raises(StoreUnavailable):
        await refusing.store.find("alice", APP, waiting)


async def test_an_upload_that_is_gone_meanwhile_is_not_written_anew(in_aws: World, aws: Cloud):
    upload_id = await in_aws.give(png())
    [found] = in_aws.shelf.get("alice", APP, [upload_id]).values()
    in_aws.shelf.delete_app("alice", APP)

    in_aws.shelf.extend([found], FAR)
    in_aws.shelf.settle(replace(found, status="ready"))

    assert aws.items() == [("UPLOADS#alice", "#")]


class OneVendorUnreadable(SerialTable):
    def query(
        self, pk: str, start: str, end: str, *, only: Sequence[str] = (), backwards: int | None = None
    ) -> Generator[Item]:
        if pk == "UPLOADS#alice":
            raise StoreUnavailable("The file store does not answer.")
        return super().query(pk, start, end, only=only, backwards=backwards)


async def test_a_vendor_who_cannot_be_read_keeps_no_other_from_being_swept_and_loses_nothing(
    in_aws: World, aws: Cloud
):
    upload_id = await in_aws.give(png())
    for vendor in ("bob", "carol"):
        await in_aws.give(png(), vendor=vendor)
    table = OneVendorUnreadable("apps", "files", None)

    with pytest.raises(StoreUnavailable):
        AwsShelf(table, Bucket(BUCKET, None, SESSION)).sweep(FAR)

    assert aws.objects() == [f"uploads/{APP}/{upload_id}"]


async def test_a_sweep_whose_time_is_over_leaves_the_rest_as_it_is(in_aws: World, aws: Cloud):
    for vendor in ("alice", "bob", "carol"):
        await in_aws.give(png(), vendor=vendor)
    answers = iter([False, True])

    assert AwsShelf(aws.table, Bucket(BUCKET, None, SESSION)).sweep(FAR, lambda: next(answers)) == 1

    assert len(aws.objects()) == 2


async def test_the_sweep_of_apps_and_files_leaves_uploads_alone(in_aws: World, aws: Cloud):
    upload_id = await in_aws.give(png())

    files = DynamoFileStore(aws.table, now=lambda: FAR)
    assert await files.collect_garbage() == 0

    assert (await in_aws.store.find("alice", APP, upload_id))["status"] == "ready"


async def test_a_store_that_does_not_answer_is_told_as_such(aws: Cloud):
    world = World(AwsShelf(aws.table, Bucket("nobodys", None)), send_to_moto)
    new = await world.announce(png())

    with pytest.raises(StoreUnavailable):
        await world.store.find("alice", APP, new["uploadId"])
    aws.empty()
