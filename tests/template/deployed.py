"""template.yaml's values as a deployment has them: with the names of its resources, and their ARNs."""

from collections.abc import Mapping
from typing import Any, cast

from dev.template import read_template
from tests.template.resolved import Resolved

ACCOUNT, REGION = "123456789012", "eu-central-1"
# What GetAtt gives as Arn, where Ref gives the name.
_ARNS = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}",
    "AWS::KMS::Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{{}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}",
}
_NAMES = ("FunctionName", "LogGroupName", "Name")


class Deployment(Resolved):
    """The stack `name` of a template, with these parameters, the others by their defaults.

    `references` are what `Ref` gives for resources that the template does not name itself, and what nested
    stacks tell, by `Stack.Outputs.Name`.
    """

    def __init__(
        self,
        name: str,
        parameters: Mapping[str, str] | None = None,
        references: Mapping[str, str] | None = None,
        template: Mapping[str, Any] | None = None,
    ) -> None:
        own = {"AWS::StackName": name, "AWS::Region": REGION, "AWS::URLSuffix": "amazonaws.com"}
        super().__init__(template or read_template(), {**own, **(parameters or {})})
        self.name = name
        self._references = references or {}

    def kinds(self) -> set[str]:
        """The types of all resources."""
        return {resource["Type"] for resource in self._template["Resources"].values()}

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of this deployment's resources of a type, with those that all functions have."""
        shared = self._value(self._template["Globals"].get(kind.removeprefix("AWS::Serverless::"), {}))
        return {
            name: _joined(shared, self._value(resource.get("Properties", {})))
            for name, resource in self._template["Resources"].items()
            if resource["Type"] == kind and ("Condition" not in resource or self.holds(resource["Condition"]))
        }

    def _ref(self, name: str) -> Any:
        kind = self._template["Resources"].get(name, {}).get("Type")
        own = self._name_of(name)
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{own}" if kind == "AWS::SQS::Queue" else own

    def _name_of(self, name: str) -> Any:
        resource = self._template["Resources"].get(name)
        if resource is None:
            return super()._ref(name)
        given = (resource.get("Properties", {}).get(key) for key in _NAMES)
        own = next((self._value(value) for value in given if value is not None), f"{self.name}-{name}")
        return self._references.get(name, own)

    def _getatt(self, name: str) -> str:
        resource, _, attribute = name.partition(".")
        # SAM makes further ones, such as a function's URL.
        arn = _ARNS.get(self._template["Resources"].get(resource, {}).get("Type"))
        if arn and attribute == "Arn":
            return arn.format(self._name_of(resource))
        return self._references.get(name, name)


def _joined(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A function's properties over the shared ones; maps are joined, as SAM does."""
    both = {key for key in shared.keys() & own.keys() if isinstance(own[key], dict)}
    joined = {key: _joined(shared[key], cast("dict[str, Any]", own[key])) for key in both}
    return {**shared, **own, **joined}
