"""The alarms go off when they should: each for what it is named after."""

from dev.template import read_template
from tests.template.alarm import Point, Series, covered_seconds, fires
from tests.template.watched import alarms


def errors(function: str, *failed: Point) -> Series:
    return {f"Errors ai-code-{function}": failed}


def turns(*failed: int) -> Series:
    """Turns that end one after the other within a quarter of an hour; 1 = in an error."""
    every = 900 // len(failed)
    return {"TurnErrors ai-code-chat": [Point(i * every, value) for i, value in enumerate(failed)]}


def points(name: str, *values: float, every: int = 60) -> dict[str, list[Point]]:
    return {name: [Point(i * every, value) for i, value in enumerate(values)]}


def test_an_alarm_goes_off_for_what_it_is_named_after_and_for_nothing_less() -> None:
    # By the alarm: what sets it off, and what must not.
    expected: dict[str, tuple[list[Series], list[Series]]] = {
        "TurnsFail": (
            [turns(1, 0, 1), turns(0, 1, 1, 0, 0), turns(*[1] * 25, *[0] * 75)],
            [turns(1), turns(0, 1, 0), turns(*[0] * 80, *[1] * 20), turns(0, 0, 0)],
        ),
        "FirstTokenIsLate": (
            [
                points("FirstToken ai-code-chat", 16_000, 2_000, 16_000, every=200),
                points("FirstToken ai-code-chat", *[16_000, *[2_000] * 9] * 9, every=10),
            ],
            [
                points("FirstToken ai-code-chat", 60_000, *[2_000] * 9),
                points("FirstToken ai-code-chat", *[15_000] * 40),
                points("FirstToken ai-code-chat", *[16_000, *[2_000] * 29] * 3, every=10),
            ],
        ),
        "StoreIsAway": (
            [
                {
                    "StoreUnavailable ai-code-chat": [Point(0, 3)],
                    "StoreUnavailable ai-code-apps": [Point(9, 2)],
                }
            ],
            [
                {
                    "StoreUnavailable ai-code-chat": [Point(0, 4)],
                    "StoreUnavailable ai-code-apps": [Point(300, 4)],
                }
            ],
        ),
        "FunctionsFail": (
            [errors(name, Point(290, 1)) for name in ("chat", "session", "apps", "build", "sign-in", "sweep")]
            + [errors("chat", Point(at, 1, late=1800 + 60)) for at in (0, 299)],
            [errors("chat", *[Point(i * 60, 0) for i in range(40)])],
        ),
        "ChatIsThrottled": ([points("Throttles ai-code-chat", 1)], [points("Throttles ai-code-chat", 0)]),
        "OthersAreThrottled": (
            [points(f"Throttles ai-code-{name}", 1) for name in ("session", "apps", "sign-in")],
            [points("Throttles ai-code-session", 0, 0), points("Throttles ai-code-chat", 1)],
        ),
        "ChatIsNearItsLimit": (
            [points("ConcurrentExecutions ai-code-chat", 41, 45, 41)],
            [points("ConcurrentExecutions ai-code-chat", *[40] * 9, 50, 50, 40)],
        ),
        "HandoversAreRefused": ([points("HandOvers failed", 1)], [points("HandOvers sent", 1)]),
        "HandoversAreDropped": (
            [points("AsyncEventsDropped ai-code-chat", 1)],
            [points("AsyncEventsDropped ai-code-chat", 0)],
        ),
        "HandoversFail": (
            [points("ApproximateNumberOfMessagesVisible handovers", 1)],
            [points("ApproximateNumberOfMessagesVisible handovers", 0)],
        ),
        "ClaudeIsExpensive": (
            [points("Dollars ai-code-chat", *[0.5] * 41)],
            [points("Dollars ai-code-chat", *[0.5] * 100, every=120)],
        ),
    }
    given = alarms()

    assert given.keys() == expected.keys()
    for name, (must, must_not) in expected.items():
        for series in must:
            assert fires(given[name], series), (name, series)
        for series in must_not:
            assert not fires(given[name], series), (name, series)


def test_a_failure_of_the_longest_invocation_is_still_looked_at() -> None:
    longest = read_template()["Parameters"]["ChatTimeoutSeconds"]["MaxValue"]
    given = [each["Properties"].get("Timeout", 0) for each in read_template()["Resources"].values()]
    alarm = alarms()["FunctionsFail"]

    assert {"Ref": "ChatTimeoutSeconds"} in given
    assert all(each <= longest for each in given if isinstance(each, int))
    assert covered_seconds(alarm) > longest + 300
    assert alarm["DatapointsToAlarm"] == 1
