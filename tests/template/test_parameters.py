"""Every parameter and every condition is used, which cfn-lint does not ask of a template with a transform."""

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest

from dev.template import ROOT, read_template

TEMPLATES = ["template.yaml", *sorted(f"stacks/{path.name}" for path in (ROOT / "stacks").glob("*.yaml"))]
# What a rule or the console's form says of a parameter is no use of it.
DEPLOYING = ("Conditions", "Globals", "Resources", "Outputs")


def uses(node: Any) -> Iterator[str]:
    """The names of parameters, resources and conditions that a part of a template refers to."""
    if isinstance(node, list):
        for each in cast("list[Any]", node):
            yield from uses(each)
    if not isinstance(node, dict):
        return
    for key, value in cast("dict[str, Any]", node).items():
        if key in ("Ref", "Condition") and isinstance(value, str):
            yield value
        elif key == "If":
            yield value[0]
        elif key == "Sub":
            text: str = value if isinstance(value, str) else value[0]
            yield from re.findall(r"\$\{(\w+)", text)
        yield from uses(value)


@pytest.mark.parametrize("path", TEMPLATES)
def test_every_parameter_and_every_condition_is_used(path: str) -> None:
    template = read_template(path)
    used = set(uses([template.get(part, {}) for part in DEPLOYING]))

    assert [name for name in template.get("Parameters", {}) if name not in used] == []
    assert [name for name in template.get("Conditions", {}) if name not in used] == []
