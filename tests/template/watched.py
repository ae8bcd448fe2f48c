"""stacks/watch.yaml with its parameters, as it is deployed."""

import json
from typing import Any

from dev.template import read_template
from tests.template.resolved import Resolved

PARAMETERS = {
    "ProductName": "ai-code",
    "TableName": "apps",
    "HandoverQueue": "handovers",
    "DistributionId": "E1EXAMPLE",
    "SignIn": "cognito",
    "ChatConcurrency": 50,
    "AlarmEmail": "ops@example.com",
    "AlarmDollarsPerHour": 20,
}


def watch(**parameters: str | int) -> Resolved:
    return Resolved(read_template("stacks/watch.yaml"), {**PARAMETERS, **parameters})


def alarms() -> dict[str, Any]:
    resources = read_template("stacks/watch.yaml")["Resources"]
    names = [name for name, each in resources.items() if each["Type"] == "AWS::CloudWatch::Alarm"]
    return {name: watch().properties(name) for name in names}


def widgets(**parameters: str | int) -> list[Any]:
    return json.loads(watch(**parameters).properties("Dashboard")["DashboardBody"])["widgets"]
