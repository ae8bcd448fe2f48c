"""The templates as plain values: `!Ref X` reads as {"Ref": "X"}."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    assert isinstance(node, yaml.SequenceNode)
    return {suffix: loader.construct_sequence(node, deep=True)}


_Loader.add_multi_constructor("!", _tagged)  # pyright: ignore[reportUnknownMemberType] - untyped in the stubs


def read_template(path: str = "template.yaml") -> dict[str, Any]:
    return yaml.load((ROOT / path).read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
