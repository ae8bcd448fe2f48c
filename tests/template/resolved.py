"""What a template's values come to, once its parameters have values: as CloudFormation works them out."""

import re
from collections.abc import Mapping
from typing import Any, cast

_PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "ai-code",
}
_NO_VALUE = object()


class Resolved:
    """A template with its parameters.

    What is known only after deployment reads as its name, such as `Bucket.Arn`.
    """

    def __init__(self, template: Mapping[str, Any], parameters: Mapping[str, str | int]) -> None:
        self._template = template
        declared: Mapping[str, Any] = template["Parameters"]
        defaults = {name: entry["Default"] for name, entry in declared.items() if "Default" in entry}
        self._values = {**_PSEUDO, **defaults, **parameters}
        assert declared.keys() <= self._values.keys()

    def properties(self, resource: str) -> Any:
        """The resource's properties."""
        return self._value(self._template["Resources"][resource]["Properties"])

    def output(self, name: str) -> Any:
        """An output's value."""
        return self._value(self._template["Outputs"][name]["Value"])

    def holds(self, condition: str) -> bool:
        """Whether the condition of this name holds."""
        return bool(self._value(self._template["Conditions"][condition]))

    def refusals(self) -> list[str]:
        """What the template's rules say against the parameters."""
        return [
            assertion["AssertDescription"]
            for rule in self._template["Rules"].values()
            if self._value(rule["RuleCondition"])
            for assertion in rule["Assertions"]
            if not self._value(assertion["Assert"])
        ]

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            items = [self._value(item) for item in cast("list[Any]", value)]
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        members = cast("dict[str, Any]", value)
        if len(members) == 1 and (function := getattr(self, f"_{next(iter(members)).lower()}", None)):
            return function(next(iter(members.values())))
        resolved = {name: self._value(member) for name, member in members.items()}
        return {name: member for name, member in resolved.items() if member is not _NO_VALUE}

    def _ref(self, name: str) -> Any:
        return _NO_VALUE if name == "AWS::NoValue" else self._values.get(name, name)

    def _getatt(self, name: str) -> str:
        return name

    def _sub(self, text: str | list[Any]) -> str:
        written: str = text if isinstance(text, str) else text[0]
        own: dict[str, Any] = {} if isinstance(text, str) else text[1]

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in own:
                return str(self._value(own[name]))
            return str(self._getatt(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", value, written)

    def _if(self, parts: list[Any]) -> Any:
        condition, then, otherwise = parts
        return self._value(then if self.holds(condition) else otherwise)

    def _equals(self, parts: list[Any]) -> bool:
        one, other = (str(self._value(part)) for part in parts)
        return one == other

    def _not(self, parts: list[Any]) -> bool:
        return not self._value(parts[0])

    def _contains(self, parts: list[Any]) -> bool:
        return str(self._value(parts[1])) in self._value(parts[0])

    def _select(self, parts: list[Any]) -> Any:
        return self._value(parts[1])[parts[0]]

    def _split(self, parts: list[Any]) -> list[str]:
        return str(self._value(parts[1])).split(parts[0])
