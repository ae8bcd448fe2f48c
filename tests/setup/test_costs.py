"""What COSTS.md says a turn costs."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.costs import table
from bench.costs.counted_aws import size, units

ROOT = Path(__file__).parents[2]
COUNTS = json.loads((ROOT / "bench" / "costs" / "counts.json").read_text(encoding="utf-8"))
KB = {"data": {"S": "x" * 1000}}


def dollars(rendered: str) -> list[float]:
    """The last column of a table."""
    cells = [row.strip("| ").rpartition("|")[2] for row in rendered.splitlines() if row.startswith("|")]
    return [float(cell.replace("*", "").replace(",", "")) for cell in cells[2:]]


def test_the_document_has_the_tables_that_its_counts_its_prices_and_the_template_make():
    document = (ROOT / "COSTS.md").read_text(encoding="utf-8")

    assert document == table.put_in(document, COUNTS), "run: .venv/bin/python -m bench.costs tables"


def test_the_lines_add_up():
    *lines, together = dollars(table.tables(COUNTS)["turns"])

    assert sum(lines) == pytest.approx(together, abs=0.01)


def test_twice_as_much_work_costs_twice_as_much():
    twice = {**COUNTS, "turn": {name: 2 * number for name, number in COUNTS["turn"].items()}}

    once, double = (dollars(table.tables(counts)["turns"]) for counts in (COUNTS, twice))
    chat, commands = 0, 4
    assert double[chat] == pytest.approx(2 * once[chat], abs=0.002)
    assert double[commands] == pytest.approx(2 * once[commands], abs=0.01 * once[commands])


def test_the_counted_turn_took_a_minute_and_did_what_such_a_turn_does():
    turn = COUNTS["turn"]

    assert 59_000 < turn["chat_milliseconds"] < 63_000
    assert turn["chat_requests"] == 1
    assert 300 < turn["redis_commands"] < 700
    assert turn["dynamodb_writes"] > 0


def test_functions_are_billed_by_the_memory_of_the_template():
    assert table.memory_gb("ChatFunction") == 1
    assert table.memory_gb("AppsFunction") == table.memory_gb("SessionFunction") == 0.5


def test_an_alarm_is_billed_by_each_metric_that_it_looks_at():
    query = {"MetricStat": {"Stat": "Sum"}}

    assert table.alarm_metrics([{"MetricName": "Errors"}]) == 1
    assert table.alarm_metrics([{"Metrics": [{"Expression": "a + b"}, query, query]}]) == 2


def test_a_document_without_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="turns"):
        table.put_in("# Costs", COUNTS)


REQUESTS: list[tuple[str, Any, Any, float, float]] = [
    ("GetItem", {}, {"Item": KB}, 0.5, 0),
    ("GetItem", {"ConsistentRead": True}, {"Item": KB}, 1, 0),
    ("GetItem", {"ConsistentRead": True}, {}, 1, 0),
    ("Query", {"ConsistentRead": True}, {"Items": [KB] * 5}, 2, 0),
    (
        "BatchGetItem",
        {"RequestItems": {"t": {"Keys": [{}, {}, {}], "ConsistentRead": True}}},
        {"Responses": {"t": [KB]}},
        3,
        0,
    ),
    ("PutItem", {"Item": {"data": {"B": "AAAA" * 512}}}, {}, 0, 2),
    ("DeleteItem", {"Key": {}}, {}, 0, 1),
    ("BatchWriteItem", {"RequestItems": {"t": [{"PutRequest": {"Item": KB}}] * 3}}, {}, 0, 3),
    (
        "TransactWriteItems",
        {"TransactItems": [{"Put": {"Item": KB}}, {"ConditionCheck": {}}]},
        {},
        0,
        4,
    ),
]


@pytest.mark.parametrize(("operation", "asked", "answer", "reads", "writes"), REQUESTS)
def test_a_request_to_dynamodb_is_counted_as_it_is_billed(
    operation: str, asked: Any, answer: Any, reads: float, writes: float
):
    assert units(operation, asked, answer) == (reads, writes)


def test_a_request_whose_bill_is_not_known_is_not_taken_for_free():
    with pytest.raises(ValueError, match="ExecuteStatement"):
        units("ExecuteStatement", {}, {})


def test_an_items_size_has_its_names_in_it():
    item = {
        "pk": {"S": "é"},
        "n": {"N": "1234"},
        "l": {"L": [{"S": "ab"}]},
        "m": {"M": {"k": {"BOOL": True}}},
    }

    assert size(item) == (2 + 2) + (1 + 4) + (1 + 3 + 1 + 2) + (1 + 3 + 1 + 1 + 1)
