"""What an invocation tells its operators: its lines of metrics, and its log."""

import json
from typing import Any

import pytest

from aicode.telemetry.export import NotExportedError, Observed
from aicode.telemetry.observer import Telemetry
from tests.observing import Operators


def lines(operators: Operators) -> list[dict[str, Any]]:
    return [json.loads(line) for line in operators.written]


async def test_an_invocation_is_one_line_where_no_dimension_has_two_values():
    operators = Operators()
    observer = operators.observer("request-1")
    observer.bind(session="s-1", turn=3)
    observer.count("Turns", Outcome="complete")
    observer.time("FirstToken", 1.25)
    observer.measured("Tool", 0.5, Tool="read_file", Result="completed")
    await observer.finish(Route="send", Status=200)

    [line] = lines(operators)
    assert line["Service"] == "chat"
    assert (line["request_id"], line["session"], line["turn"]) == ("request-1", "s-1", 3)
    assert (line["Turns"], line["Outcome"], line["FirstToken"]) == (1, "complete", 1250)
    assert (line["Tool"], line["Result"], line["ToolDuration"]) == ("read_file", "completed", 500)
    assert operators.metrics("Tool=read_file")["ToolDuration"] == [500]
    assert operators.metrics("Tool=read_file", "Result=completed")["ToolDuration"] == [500]
    assert operators.metrics()["Turns"] == operators.metrics("Outcome=complete")["Turns"] == [1]
    assert operators.requests == [("send", 200)]
    assert 10 < line["MemoryUsed"] < 10_000


async def test_a_dimension_with_another_value_takes_another_line():
    operators = Operators()
    observer = operators.observer()
    for tool, seconds in (("read_file", 0.1), ("edit_file", 0.2), ("read_file", 0.3)):
        observer.measured("Tool", seconds, Tool=tool, Result="completed")
    await observer.finish()

    assert len(operators.written) == 2
    assert operators.metrics("Tool=read_file")["ToolDuration"] == [100, 300]
    assert operators.metrics("Tool=edit_file")["ToolDuration"] == [200]
    assert operators.metrics()["ToolDuration"] == [100, 300, 200]


async def test_tokens_and_dollars_of_an_invocation_add_up_by_model():
    operators = Operators()
    observer = operators.observer()
    for model, tokens in (("big", 10), ("small", 1), ("big", 5)):
        observer.count("InputTokens", tokens, Model=model)
    await observer.finish()

    assert operators.metrics("Model=big")["InputTokens"] == [15]
    assert operators.metrics("Model=small")["InputTokens"] == [1]


async def test_a_line_has_at_most_a_hundred_values_of_a_metric():
    operators = Operators()
    observer = operators.observer()
    for _ in range(250):
        observer.measured("Step", 0.1)
    await observer.finish()

    found = [line["StepDuration"] for line in lines(operators) if "StepDuration" in line]
    assert [len(values) for values in found] == [100, 100, 50]


async def test_what_a_metric_is_not_published_by_is_no_dimension_of_it():
    operators = Operators()
    observer = operators.observer()
    observer.measured("Attempt", 1, Reason="answered", Model="claude-opus-5-5")
    await observer.finish()

    assert operators.metrics("Reason=answered")["AttemptDuration"] == [1000]
    assert operators.metrics("Model=claude-opus-5-5") == {}


async def test_an_invocation_ends_once_and_the_first_of_a_process_is_cold():
    operators = Operators()
    for request_id in ("request-1", "request-2"):
        observer = operators.observer(request_id)
        await observer.finish()
        await observer.finish()

    told = [(line["request_id"], line.get("ColdStarts")) for line in lines(operators)]
    assert told == [("request-1", 1), ("request-2", None)]


async def test_counters_of_the_process_tell_what_the_invocation_added():
    operators, made = Operators(), [7]
    operators.telemetry.counters = {"RedisRoundTrips": lambda: made[0]}
    observer = operators.observer()
    made[0] += 3
    await observer.finish()

    assert operators.metrics()["RedisRoundTrips"] == [3]


async def test_an_exporter_that_fails_takes_nothing_from_the_answer_and_nothing_of_its_error_is_told():
    class Broken:
        def export(self, _observed: object, /) -> None:
            raise RuntimeError("canary-41")

    operators = Operators(exporters=[Broken()])
    await operators.observer().finish()

    [(what, facts)] = operators.logged
    assert (what, facts["exporter"], facts["error"]) == ("not exported", "Broken", "RuntimeError")
    assert "canary-41" not in str(operators.logged)
    assert operators.written


async def test_after_a_failure_nothing_is_sent_to_that_exporter_for_a_minute():
    class Exporting:
        def __init__(self) -> None:
            self.sent, self.is_broken = list[str](), False

        def export(self, observed: Observed, /) -> None:
            self.sent.append(str(observed.ids["request_id"]))
            if self.is_broken:
                raise NotExportedError

    dead, other = Exporting(), Exporting()
    dead.is_broken = True
    operators = Operators(exporters=[dead, other])
    for now in (0.0, 1.0, 59.0, 60.0):
        operators.now = now
        dead.is_broken = now < 60
        await operators.observer(f"at {now:.0f}").finish()

    assert dead.sent == ["at 0", "at 60"]
    assert other.sent == ["at 0", "at 1", "at 59", "at 60"]
    assert [what for what, _ in operators.logged] == ["not exported"]


async def test_a_collector_that_is_away_is_told_of_in_one_line_of_ours_without_its_name(
    capsys: Any, caplog: pytest.LogCaptureFixture
):
    telemetry = Telemetry(service="others", otlp_endpoint="http://127.0.0.1:9")
    await telemetry.observer("request-1").finish()
    await telemetry.observer("request-2").finish()

    written = capsys.readouterr().out
    told = [json.loads(line) for line in written.splitlines()]
    assert [(line["exporter"], line["error"]) for line in told if "exporter" in line] == [
        ("Traces", "NotExportedError")
    ]
    assert [record.getMessage() for record in caplog.records] == ["not exported"]
    assert "127.0.0.1" not in written


async def test_lines_go_to_the_log_with_the_place_that_they_come_from(capsys: Any):
    observer = Telemetry(service="things").observer("request-1")
    observer.bind(session="s-1")
    observer.info("it went well", ms=3)

    told = json.loads(capsys.readouterr().out)
    assert (told["level"], told["message"], told["service"]) == ("INFO", "it went well", "things")
    assert (told["request_id"], told["session"], told["ms"]) == ("request-1", "s-1", 3)
    assert told["location"].startswith("test_lines_go_to_the_log")
