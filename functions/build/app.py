"""The build function: invoked by other functions alone, with what is to be built."""

import asyncio
import os
import time
from functools import cache
from typing import NotRequired, Protocol, TypedDict

from aicode.api_types import Problem
from aicode.errors import NotFound, StoreUnavailable
from aicode.file_store import open_store_to_read
from aicode.settings import check_surroundings
from aicode.sites.shelf import Owner
from aicode.telemetry import Observer, Telemetry
from build.check import Checks
from build.workspace import Tools

check_surroundings(os.environ)
_telemetry = Telemetry(service="build", otlp_endpoint=os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


class Context(Protocol):
    """What this function needs of an invocation's context."""

    @property
    def aws_request_id(self) -> str:
        """The invocation's id."""
        ...


class Check(TypedDict):
    """Which app is to be checked, for whom; `base` as in `aicode.build.builder`."""

    vendor: str
    appId: str
    revision: NotRequired[int]
    base: NotRequired[int]


class Publish(TypedDict):
    """Which app is to be built for whom, and as which version of which site, below which path."""

    vendor: str
    appId: str
    revision: int
    site: str
    version: int
    base: str


class Event(TypedDict, total=False):
    """What is asked for, one of them."""

    check: Check
    publish: Publish


class Refused(TypedDict):
    """Why nothing was built: `code` and `message` of one of the product's errors."""

    code: str
    message: str


class Result(TypedDict, total=False):
    """What came of it, or why nothing did."""

    refused: Refused
    revision: int
    ok: bool
    errors: list[Problem]
    durationMs: int


def handler(event: Event, context: Context) -> Result:
    """Checks an app, or builds a version of its site, as `aicode.build.builder` says."""
    return asyncio.run(_answer(event, _telemetry.observer(context.aws_request_id)))


@cache
def _checks() -> Checks:
    # Not through the settings: they ask for secrets, which this function has no use for and no right to.
    return Checks(open_store_to_read(os.environ), Tools.of(os.environ))


async def _answer(event: Event, observer: Observer) -> Result:
    try:
        if "publish" in event:
            return await _publish(event["publish"], observer)
        if "check" in event:
            return await _check(event["check"], _checks(), observer)
        raise ValueError("There is nothing to build in this event.")  # noqa: TRY301 - it is told as any failure
    except (NotFound, StoreUnavailable) as error:
        return {"refused": {"code": error.code, "message": error.message}}
    except Exception as error:
        observer.crash(error)
        raise
    finally:
        await observer.finish(Route="build")


async def _check(asked: Check, checks: Checks, observer: Observer) -> Result:
    began = time.perf_counter()
    revision, errors = await checks.check(
        asked["vendor"], asked["appId"], asked.get("revision"), asked.get("base")
    )
    duration = round((time.perf_counter() - began) * 1000)
    observer.info("checked", problems=len(errors), duration_ms=duration)
    return {"revision": revision, "ok": not errors, "errors": errors, "durationMs": duration}


async def _publish(asked: Publish, observer: Observer) -> Result:
    from aicode.sites import open_shelf_to_write  # noqa: PLC0415 - a check waits for none of it
    from build.publish import publish  # noqa: PLC0415

    began = time.perf_counter()
    errors = await publish(
        open_store_to_read(os.environ),
        Tools.of(os.environ),
        open_shelf_to_write(os.environ),
        Owner(asked["vendor"], asked["appId"]),
        revision=asked["revision"],
        site=asked["site"],
        version=asked["version"],
        base=asked["base"],
    )
    observer.info("published", problems=len(errors), duration_ms=round((time.perf_counter() - began) * 1000))
    return {"errors": errors}
