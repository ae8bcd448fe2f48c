"""stacks/watch.yaml watches what there is: metrics that the functions emit, and those that AWS describes."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import pytest_asyncio

from aicode.errors import StoreUnavailable
from aicode.telemetry.metrics import METRICS
from chat import observed_turn
from dev.template import ROOT, read_template
from tests.observing import metrics_by
from tests.template.all_that_happens import lines_of_a_product
from tests.template.resolved import Resolved
from tests.template.watched import PARAMETERS, alarms, watch, widgets

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
async def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a product writes in which all has happened that is counted."""
    return await lines_of_a_product(tmp_path_factory.mktemp("watched"))


@pytest.fixture(scope="module")
def emitted(lines: list[str]) -> set[Watched]:
    """The metrics that CloudWatch makes of it."""
    return _published(line for line in lines if '"CloudWatchMetrics"' in line)


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


async def test_the_dashboard_draws_a_line_where_an_alarm_goes_off() -> None:
    drawn = {
        line["label"]: line["value"]
        for widget in widgets()
        for line in widget["properties"].get("annotations", {}).get("horizontal", ())
    }

    assert drawn == {
        "first token: alarm": alarms()["FirstTokenIsLate"]["Threshold"],
        "alarm": alarms()["ClaudeIsExpensive"]["Threshold"],
        "ChatConcurrency": PARAMETERS["ChatConcurrency"],
    }
    assert "ChatConcurrency" not in json.dumps(widgets(ChatConcurrency=0))


# -- the questions that the logs are asked ------------------------------------------------------------------

# What Lambda writes beside the functions, where they log JSON:
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
OF_LAMBDA = {"type", "requestId", "record.requestId", "record.status"}
# On one machine a request's id is its invocation's. tests/core/test_pipeline.py shows where it is not.
WHERE_IDS_DIFFER = {"invocation"}
NO_FIELDS = {
    *("fields", "filter", "stats", "sort", "limit", "by", "asc", "desc", "and", "or", "not", "in", "as"),
}


def questions() -> dict[str, str]:
    resources = read_template("stacks/watch.yaml")["Resources"]
    found = [name for name, each in resources.items() if each["Type"] == "AWS::Logs::QueryDefinition"]
    return {name: watch().properties(name)["QueryString"] for name in found}


def asked_for(question: str) -> set[str]:
    """The fields that a question names: not its words, functions and own names, nor what is in quotes."""
    plain = re.sub(r'"[^"]*"|\w+\(\*?\)', "", question)
    own = set(re.findall(r"\bas (\w+)", plain))
    names = set(re.findall(r"(?<![\w.@])[A-Za-z][\w.]*(?![\w.]|\()", re.sub(r"(?<![\w.])\d+\w*", "", plain)))
    return names - own - NO_FIELDS


async def test_the_logs_are_asked_for_fields_and_values_that_their_lines_have(lines: list[str]) -> None:
    written: list[dict[str, Any]] = [json.loads(line) for line in lines]
    there = {key for line in written for key in line} | OF_LAMBDA | WHERE_IDS_DIFFER
    values = {value for line in written for value in line.values() if isinstance(value, str)}
    values.add(StoreUnavailable.__name__)  # of a hand-over that fails, see tests/chat/test_handed_over.py

    assert len(questions()) == 8
    for name, question in questions().items():
        fields = asked_for(question)
        assert fields, name
        assert {field.removesuffix(".0") for field in fields} <= there, name
        assert set(re.findall(r'= "([^"]+)"', question)) <= values | {
            "PUT-THE-ID-HERE",
            "PUT-THE-SESSION-HERE",
        }


async def test_a_question_for_what_no_line_has_would_be_found() -> None:
    asked = asked_for(
        'filter message = "tool" and took > 3\n| stats pct(took, 95) as p95_ms by tool, bin(1h)'
    )

    assert asked == {"message", "took", "tool"}


async def test_each_question_is_asked_of_logs_that_the_stack_keeps() -> None:
    kept = {
        Resolved(read_template(), {}).properties(name)["LogGroupName"]
        for name, each in read_template()["Resources"].items()
        if each["Type"] == "AWS::Logs::LogGroup"
    }

    for sign_in in ("cognito", "none"):
        asked = {
            group for name in questions() for group in watch(SignIn=sign_in).properties(name)["LogGroupNames"]
        }
        there = kept if sign_in == "cognito" else kept - {"/aws/lambda/ai-code-sign-in"}
        assert asked == there


async def test_turns_that_ended_in_an_error_are_those_that_are_counted_as_such() -> None:
    query = read_template("stacks/watch.yaml")["Resources"]["FailedTurns"]["Properties"]["QueryString"]
    [left_out] = re.findall(r"outcome not in (\[[^]]+\])", query)

    assert set(json.loads(left_out)) == observed_turn.AS_MEANT | observed_turn.NO_END
