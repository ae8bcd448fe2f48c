"""template.yaml as plain values: `!Ref X` reads as {"Ref": "X"}."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

ROOT = Path(__file__).resolve().parents[1]

Template = dict[str, Any]


class _Loader(yaml.CSafeLoader):  # in C: every start of the local stack reads the template
    """YAML with CloudFormation's tags."""


def _tagged(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    return {suffix: node.value}


_Loader.add_multi_constructor("!", _tagged)  # pyright: ignore[reportUnknownMemberType] - untyped in the stubs


def read_template(path: str = "template.yaml") -> Template:
    """The template, or that of one of its stacks, by its path in the project."""
    return yaml.load((ROOT / path).read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader


def parameters(template: Template) -> dict[str, str]:
    """The parameters that have a default, with it."""
    return {
        name: str(parameter["Default"])
        for name, parameter in template["Parameters"].items()
        if "Default" in parameter
    }


def value(written: object, known: Mapping[str, str]) -> str | None:
    """What a scalar of the template stands for, given parameters; None for what only AWS knows."""
    if isinstance(written, dict):
        return known.get(cast("dict[str, str]", written).get("Ref", ""))
    return str(written)


def variables(of: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, str]:
    """The variables of a function, or of all of them, that have a value without AWS."""
    given: dict[str, object] = of.get("Environment", {}).get("Variables", {})
    found = {name: value(written, known) for name, written in given.items()}
    return {name: text for name, text in found.items() if text}
