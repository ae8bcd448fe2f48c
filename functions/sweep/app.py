"""The scheduled removal of contents and uploads that nothing refers to: what it is told and when it stops."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Protocol

from aicode.file_store.dynamodb.store import DynamoFileStore
from aicode.file_store.dynamodb.table import Table
from aicode.settings import check_surroundings
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
    return {"removed": asyncio.run(_sweep(table, uploads, context))}


async def _sweep(table: Table, uploads: AwsShelf, context: Context) -> int:
    observer = _telemetry.observer(context.aws_request_id)
    try:
        removed = await _removed(table, uploads, lambda: context.get_remaining_time_in_millis() < RESERVE_MS)
        observer.count("Removed", removed)
        observer.info("swept", removed=removed)
    except Exception as error:
        observer.crash(error)
        raise
    finally:
        await observer.finish(Route="sweep")
    return removed


async def _removed(table: Table, uploads: AwsShelf, enough: Callable[[], bool]) -> int:
    """Sweeps uploads and apps at the same time, so that neither is left without any; raises behind both."""
    partitions = await asyncio.to_thread(table.partitions)
    results = await asyncio.gather(
        asyncio.to_thread(uploads.sweep, time.time_ns() // 1_000_000, enough, partitions),
        DynamoFileStore(table).collect_garbage(enough, partitions),
        return_exceptions=True,
    )
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return sum(result for result in results if not isinstance(result, BaseException))
