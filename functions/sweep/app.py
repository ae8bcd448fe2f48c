"""The scheduled removal of contents and uploads that nothing refers to: what it is told and when it stops."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Protocol

from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.dynamodb.table import Table
from aicode.settings import check_surroundings
from aicode.sites.aws.live_keys import LiveKeys
from aicode.sites.aws.shelf import AwsShelf as AwsSiteShelf
from aicode.sites.removal import collect
from aicode.sites.shelf import Shelf
from aicode.telemetry import Telemetry
from aicode.uploads.aws.bucket import Bucket
from aicode.uploads.aws.shelf import AwsShelf

# What is left when it begins no further app: enough for the largest.
RESERVE_MS = 120_000
check_surroundings(os.environ)
_telemetry = Telemetry(service="sweep", otlp_endpoint=os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


class Context(Protocol):
    """What this function needs of an invocation's context."""

    @property
    def aws_request_id(self) -> str:
        """The invocation's id."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """How long the invocation may still run."""
        ...


def handler(_event: object, context: Context) -> dict[str, int]:
    """Sweeps table and bucket; tells how many items and objects it removed."""
    # Not through the settings: they ask for secrets, which this function has no use for and no right to.
    bucket, endpoint_url = os.environ["FILES_BUCKET"], os.environ.get("AWS_ENDPOINT_URL") or None
    table = Table(os.environ["APPS_TABLE"], bucket, endpoint_url)
    uploads = AwsShelf(table, Bucket(bucket, endpoint_url))
    return {"removed": asyncio.run(_sweep(table, uploads, _sites(endpoint_url), context))}


def _sites(endpoint_url: str | None) -> Shelf | None:
    """The files of sites, None where publishing is not set up."""
    bucket, keys = os.environ.get("SITES_BUCKET"), os.environ.get("SITES_KEY_VALUE_STORE")
    if not bucket or not keys:
        return None
    return AwsSiteShelf(os.environ["SITES_DOMAIN"], bucket, LiveKeys(keys), endpoint_url)


async def _sweep(table: Table, uploads: AwsShelf, sites: Shelf | None, context: Context) -> int:
    observer = _telemetry.observer(context.aws_request_id)
    try:
        removed = await _removed(
            table, uploads, sites, lambda: context.get_remaining_time_in_millis() < RESERVE_MS
        )
        observer.count("Removed", removed)
        observer.info("swept", removed=removed)
    except Exception as error:
        observer.crash(error)
        raise
    finally:
        await observer.finish(Route="sweep")
    return removed


async def _removed(table: Table, uploads: AwsShelf, sites: Shelf | None, enough: Callable[[], bool]) -> int:
    """Sweeps uploads, apps and sites at the same time, so that each has some; raises behind all."""
    store, now = DynamoFileStore(table), time.time_ns() // 1_000_000
    partitions = await asyncio.to_thread(table.partitions)
    results = await asyncio.gather(
        asyncio.to_thread(uploads.sweep, now, enough, partitions),
        store.collect_garbage(enough, partitions),
        *((collect(store, sites, now, enough),) if sites else ()),
        return_exceptions=True,
    )
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return sum(result for result in results if not isinstance(result, BaseException))
