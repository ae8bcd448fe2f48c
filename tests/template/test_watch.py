"""stacks/watch.yaml watches what there is: metrics that the functions emit, and those that AWS describes."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from aicode.telemetry.metrics import METRICS
from chat import observed_turn
from dev import aws, stand_ins
from dev.claude import Gate, Reply, Script, Text, ToolUse
from dev.template import ROOT, read_template
from dev.upstash import Faults
from tests.end_to_end import emulated_aws
from tests.end_to_end.contract_world import Plays, Vendor, World
from tests.end_to_end.stack import APPS, serve, session_of
from tests.faults.invoke_api import InvokeApi, an_invoke_api
from tests.observing import metrics_by
from tests.template.resolved import Resolved
from tests.template.watched import PARAMETERS, alarms, watch, widgets
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

# By the names of their dimensions. For Lambda: https://docs.aws.amazon.com/lambda/latest/dg/, the pages
# monitoring-metrics-types.html and monitoring-concurrency.html. For SQS:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
# For DynamoDB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
# For CloudFront: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
OF_AWS: dict[tuple[str, tuple[str, ...]], set[str]] = {
    ("AWS/Lambda", ("FunctionName",)): {"Errors", "Throttles", "ConcurrentExecutions", "AsyncEventsDropped"},
    ("AWS/Lambda", ()): {"ClaimedAccountConcurrency"},
    ("AWS/SQS", ("QueueName",)): {"ApproximateNumberOfMessagesVisible"},
    ("AWS/DynamoDB", ("TableName",)): {
        *("ReadThrottleEvents", "WriteThrottleEvents"),
        *("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
    },
    ("AWS/CloudFront", ("DistributionId", "Region")): {"5xxErrorRate", "4xxErrorRate", "Requests"},
}
SEARCH = re.compile(r"SEARCH\('\{AICode,([\w,]+)\} MetricName=\"(\w+)\" Service=\"([\w-]+)\"', '\w+'\)")

Watched = tuple[str, str, frozenset[str]]
"""A metric: its namespace, its name, and its dimensions, `Name=value`, or `Name` where any value counts."""


def of_alarm(alarm: Any) -> Iterator[Watched]:
    given = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", ()) if "MetricStat" in query]
    for metric in given or [alarm]:
        dimensions = frozenset(f"{each['Name']}={each['Value']}" for each in metric.get("Dimensions", ()))
        yield metric["Namespace"], metric["MetricName"], dimensions


def of_widget(widget: Any) -> Iterator[Watched]:
    rows: list[list[Any]] = widget["properties"]["metrics"]
    for row in rows:
        names: list[str] = [each for each in row if isinstance(each, str)]
        if names:
            namespace, name, *pairs = names
            yield namespace, name, frozenset(f"{k}={v}" for k, v in zip(pairs[::2], pairs[1::2], strict=True))
        elif "SEARCH" in row[0]["expression"]:
            found = SEARCH.fullmatch(row[0]["expression"])
            assert found, row
            _, *more = found[1].split(",")
            yield "AICode", found[2], frozenset({f"Service={found[3]}", *more})


def all_watched() -> Iterator[Watched]:
    for alarm in alarms().values():
        yield from of_alarm(alarm)
    for widget in widgets():
        yield from of_widget(widget)


# -- the product --------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def emitted(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[set[Watched]]:
    """The metrics of a product in which all has happened that is counted."""
    written: list[str] = []
    async with AsyncExitStack() as running:
        api = await running.enter_async_context(an_invoke_api())
        plays, faults = Plays(), Faults()
        stack = await running.enter_async_context(
            serve(
                tmp_path_factory.mktemp("watched"),
                Script(plays),
                lambda _, line: written.append(line),
                faults=faults,
                AWS_ENDPOINT_URL_LAMBDA=api.url,
                FUNCTION_TIMEOUT_SECONDS="12",
                TURN_LEASE_SECONDS="300",
            )
        )
        api.behind = stack.server.invoke_url
        world = World(stack, plays, faults)
        async with asyncio.timeout(10 * PATIENCE):
            await _all_that_happens(world)
            await _hand_overs(world, api)
            await until(lambda: not stack.chat_pids())
        await world.close()
    written += await asyncio.to_thread(_a_sweep)
    yield _published(line for line in written if '"CloudWatchMetrics"' in line)


async def _all_that_happens(world: World) -> None:
    vendor = await world.vendor()
    file = {"path": "a.txt", "content": "one"}
    steps = Reply(status=529), Reply(ToolUse("create_file", file)), Reply(Text("Done."))
    session = session_of(await vendor.turn(vendor.says(*steps)))
    await vendor.missed(session, "1-1")
    async with vendor.post(vendor.says(Reply(Text("Half"), Gate("never"))), session) as stream:
        await stream.until("text_delta")
        async with vendor.resume(session, "2-1") as reader:
            await vendor.client.post(f"{vendor.base}/{session}/cancel")
            await reader.rest()
        await stream.rest()
    world.faults.add("bad_gateway")
    body = {"message": "Hi", "appId": vendor.app}
    refused = [
        await vendor.client.post(vendor.base, json=body),
        await vendor.client.get(vendor.base, params={"sessionId": session}),
        await vendor.client.delete(f"{APPS}/{vendor.app}"),
    ]
    world.faults.clear()
    assert {answer.status_code for answer in refused} == {503}


async def _hand_overs(world: World, api: InvokeApi) -> None:
    """One that Lambda takes, and one that it refuses; the refused turn is taken up by its vendor."""
    taken, refused = await world.vendor(), await world.vendor()
    api.fates[refused.name] = "refused"
    await asyncio.gather(_long_turn(taken), _long_turn(refused))


async def _long_turn(vendor: Vendor) -> None:
    steps = [Reply(Text("Step. "), ToolUse("list_files"), delay=1.2) for _ in range(8)]
    async with vendor.post(vendor.says(*steps, Reply(Text("The end.")))) as stream:
        events = await stream.rest()
    session = session_of(events)
    assert events[-1].type == "turn_handover"
    while (await vendor.session(session))["status"] != "idle":
        async with vendor.resume(session, events[-1].id, **{"continue": "1"}) as stream:
            events = await stream.rest() or events


def _a_sweep() -> list[str]:
    """What the scheduled function writes."""
    program = (
        "from types import SimpleNamespace as Given\nfrom sweep.app import handler\n"
        "handler({}, Given(aws_request_id='1', get_remaining_time_in_millis=lambda: 900_000))"
    )
    with emulated_aws.serve() as known:
        emulator = stand_ins.emulator(known)
        assert emulator is not None
        asyncio.run(aws.make(emulator, aws.session(known)))
        keys = {
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_DEFAULT_REGION": aws.region(known),
        }
        folders = os.pathsep.join(str(ROOT / folder) for folder in ("layers/core", "functions"))
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": folders, **known, **keys}
        outcome = subprocess.run(  # noqa: S603 - the program above
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
    return outcome.stdout.splitlines()


def _published(lines: Iterable[str]) -> set[Watched]:
    """What CloudWatch makes of the lines of a stack: each metric, and that there is one of any value."""
    found: set[Watched] = set()
    for dimensions, metrics in metrics_by(list(lines)).items():
        given = dict(each.split("=") for each in dimensions)
        service = f"Service=ai-code-{given.pop('Service')}"  # on one machine functions have no stack's name
        by = frozenset({service, *(f"{name}={value}" for name, value in given.items())})
        found |= {("AICode", name, each) for name in metrics for each in (by, frozenset({service, *given}))}
    return found


# -- the watch ----------------------------------------------------------------------------------------------


async def test_what_alarms_and_dashboard_watch_of_the_product_is_what_its_functions_emit(
    emitted: set[Watched],
) -> None:
    watched = {each for each in all_watched() if each[0] == "AICode"}

    assert len(watched) > 30
    assert sorted((name, sorted(by)) for _, name, by in watched - emitted) == []


async def test_each_metric_of_the_table_is_emitted_and_on_the_dashboard(emitted: set[Watched]) -> None:
    shown = {name for widget in widgets() for _, name, _ in of_widget(widget)} | {"TurnErrors"}

    assert {name for _, name, _ in emitted} == METRICS.keys()
    assert METRICS.keys() <= shown


async def test_a_metric_that_is_not_emitted_would_be_found(emitted: set[Watched]) -> None:
    renamed = ("AICode", "FirstTokens", frozenset({"Service=ai-code-chat"}))
    found = ("AICode", "FirstToken", frozenset({"Service=ai-code-chat"}))
    elsewhere = ("AICode", "FirstToken", frozenset({"Service=ai-code-apps"}))

    assert found in emitted
    assert renamed not in emitted
    assert elsewhere not in emitted


async def test_what_is_watched_of_aws_are_metrics_that_it_describes_of_what_the_stack_has() -> None:
    functions: dict[str, Any] = read_template()["Resources"]
    names = {
        Resolved(read_template(), {}).properties(name)["FunctionName"]
        for name, each in functions.items()
        if each["Type"] == "AWS::Serverless::Function" and "FunctionName" in each["Properties"]
    }
    for namespace, name, dimensions in all_watched():
        if namespace == "AICode":
            continue
        given = dict(sorted(each.split("=") for each in dimensions))
        assert name in OF_AWS[namespace, tuple(given)], (namespace, name, given)
        assert given.get("FunctionName", "ai-code-chat") in names
        assert given.get("QueueName", "handovers") == "handovers"
        assert given.get("TableName", "apps") == "apps"


async def test_each_alarm_says_what_to_do_and_where_it_is_written_and_tells_somebody() -> None:
    for name, alarm in alarms().items():
        assert re.search(r'OPERATIONS\.md: "[A-Z][^"]+"$', alarm["AlarmDescription"].strip()), name
        assert len(alarm["AlarmDescription"]) > 120, name
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["Alarms"], name
        assert alarm["TreatMissingData"] == "notBreaching", name


async def test_every_parameter_of_the_watch_is_used_and_given() -> None:
    text = (ROOT / "stacks/watch.yaml").read_text(encoding="utf-8")
    declared = read_template("stacks/watch.yaml")["Parameters"]
    given = read_template()["Resources"]["WatchStack"]["Properties"]["Parameters"]

    assert declared.keys() == given.keys() == PARAMETERS.keys()
    for name in declared:
        assert re.search(rf"!Ref {name}\b|\$\{{{name}\}}", text), name


async def test_the_edge_is_watched_where_there_is_one() -> None:
    with_edge = {namespace for widget in widgets() for namespace, _, _ in of_widget(widget)}
    without = {namespace for widget in widgets(DistributionId="") for namespace, _, _ in of_widget(widget)}

    assert with_edge - without == {"AWS/CloudFront"}


async def test_somebody_is_told_by_email_only_if_an_address_is_given() -> None:
    assert watch().holds("HasEmail")
    assert not watch(AlarmEmail="").holds("HasEmail")


async def test_a_hand_over_that_fails_is_kept_for_two_weeks() -> None:
    resources = read_template()["Resources"]
    failed = resources["ChatFunction"]["Properties"]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    queue = Resolved(read_template(), {}).properties("HandoverFailures")

    assert failed == {"Type": "SQS", "Destination": {"GetAtt": "HandoverFailures.Arn"}}
    assert queue == {"MessageRetentionPeriod": 14 * 24 * 3600, "SqsManagedSseEnabled": True}


async def test_the_logs_are_asked_for_members_that_the_lines_have() -> None:
    resources = read_template("stacks/watch.yaml")["Resources"]
    queries = [each for each in resources.values() if each["Type"] == "AWS::Logs::QueryDefinition"]
    source = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("functions", "layers/core/aicode", "layers/runtime")
        for file in (ROOT / folder).rglob("*.py")
    )
    asked = {
        message
        for query in queries
        for message in re.findall(r'message = "([^"]+)"', query["Properties"]["QueryString"])
    }

    assert len(queries) >= 7
    assert asked
    assert all(f'info("{message}"' in source or f'"{message}",' in source for message in asked)


async def test_turns_that_ended_in_an_error_are_those_that_are_counted_as_such() -> None:
    query = read_template("stacks/watch.yaml")["Resources"]["FailedTurns"]["Properties"]["QueryString"]
    [left_out] = re.findall(r"outcome not in (\[[^]]+\])", query)

    assert set(json.loads(left_out)) == observed_turn.AS_MEANT | observed_turn.NO_END
