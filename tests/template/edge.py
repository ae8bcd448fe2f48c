"""What CloudFront does with a request, by stacks/edge.yaml, and by stacks/sites.yaml."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dev.setup.page import npm_environment
from dev.template import read_template
from tests.template.resolved import Resolved

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
_SAFE = ["GET", "HEAD"]
PARAMETERS: Mapping[str, str | int] = {
    "ProductName": "ai-code",
    "ChatUrl": "https://chat.lambda-url.us-east-1.on.aws/",
    "SessionUrl": "https://session.lambda-url.us-east-1.on.aws/",
    "AppsUrl": "https://apps.lambda-url.us-east-1.on.aws/",
    "GitUrl": "https://git.lambda-url.us-east-1.on.aws/",
    "SignInUrl": "https://sign-in.lambda-url.us-east-1.on.aws/",
    "OriginSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:origin",
    "DomainName": "",
    "CertificateArn": "",
    "UploadsHost": "files.s3.us-east-1.amazonaws.com",
    "WafRequestsPerFiveMinutes": 0,
}
# The module that CloudFront gives a function, and what it does with one.
_BEFORE = """
const input = await new Response((await import('node:stream')).Readable.toWeb(process.stdin)).json();
let selected = null;
const get = async (key) => {
  if (!(key in input.keys)) throw new Error('KeyNotFound');
  return input.keys[key];
};
const cf = { selectRequestOriginById: (id) => { selected = id; }, kvs: () => ({ get }) };
"""
_AFTER = """
console.log(JSON.stringify({ result: await handler(input.event), selected }));
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a request goes, by which path, and what its answer carries beside what the origin says.

    `origin` is None where CloudFront itself answers: it refuses the method, or a function says what to tell.
    """

    origin: str | None
    path: str
    headers: Mapping[str, str]
    behavior: Mapping[str, Any]

    @property
    def cached(self) -> bool:
        return self.behavior["CachePolicyId"] != CACHING_DISABLED


class Edge:
    """The distribution; `distribution` stands in for what the template makes of the parameters.

    `keys` are what its key-value store holds.
    """

    def __init__(
        self,
        stack: Resolved | None = None,
        *,
        distribution: Mapping[str, Any] | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        self.keys = keys or {}
        self.stack = stack or Resolved(read_template("stacks/edge.yaml"), PARAMETERS)
        self.distribution = distribution or self.stack.properties("Distribution")["DistributionConfig"]
        self.origins = {origin["Id"]: origin for origin in self.distribution["Origins"]}

    def send(self, method: str, path: str, host: str = "d111111abcdef8.cloudfront.net") -> Sent:
        """What becomes of a request; `path` is without its query, which changes nothing."""
        behavior = self._behavior(path)
        headers = self._policy(behavior["ResponseHeadersPolicyId"])
        if method not in behavior.get("AllowedMethods", _SAFE):
            return Sent(None, path, headers, behavior)
        request: Any = {
            "method": method,
            "uri": path,
            "querystring": {},
            "headers": {"host": {"value": host}},
            "cookies": {},
        }
        origin = behavior["TargetOriginId"]
        if function := _function(behavior, "viewer-request"):
            request, selected = self._run(function, {"request": request})
            if "statusCode" in request:
                return Sent(
                    None, path, {n: each["value"] for n, each in request["headers"].items()}, behavior
                )
            origin = selected or origin
        if function := _function(behavior, "viewer-response"):
            event = {"statusCode": 200, "headers": {name: {"value": text} for name, text in headers.items()}}
            answer, _ = self._run(function, {"request": request, "response": event})
            headers = {name: header["value"] for name, header in answer["headers"].items()}
        assert origin in self.origins
        return Sent(origin, request["uri"], headers, behavior)

    def _behavior(self, path: str) -> Mapping[str, Any]:
        """The first whose pattern fits: `*` stands for any characters, slashes too, `?` for one."""
        for behavior in self.distribution.get("CacheBehaviors", []):
            pattern = re.escape(behavior["PathPattern"]).replace(r"\*", ".*").replace(r"\?", ".")
            if re.fullmatch(pattern, path, re.DOTALL):
                return behavior
        return self.distribution["DefaultCacheBehavior"]

    def _policy(self, resource: str) -> dict[str, str]:
        """The headers of a response headers policy, which replace those of the origin."""
        policy = self.stack.properties(resource)["ResponseHeadersPolicyConfig"]
        security: dict[str, Any] = policy["SecurityHeadersConfig"]
        transport = security["StrictTransportSecurity"]
        assert transport.keys() == {"AccessControlMaxAgeSec", "Override"}
        headers = {
            "x-content-type-options": "nosniff",
            "referrer-policy": security["ReferrerPolicy"]["ReferrerPolicy"],
            "strict-transport-security": f"max-age={transport['AccessControlMaxAgeSec']}",
        }
        if "ContentSecurityPolicy" in security:
            headers["content-security-policy"] = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        named = {"ContentTypeOptions", "ReferrerPolicy", "StrictTransportSecurity", "ContentSecurityPolicy"}
        assert named - {"ContentSecurityPolicy"} <= security.keys() <= named
        custom = policy["CustomHeadersConfig"]["Items"]
        headers |= {item["Header"].lower(): item["Value"] for item in custom}
        strict = (
            {**security, "ReferrerPolicy": {"Override": True}} if resource == "PlainHeaders" else security
        )
        assert all(entry["Override"] is True for entry in (*strict.values(), *custom))
        if cors := policy.get("CorsConfig"):
            assert cors["OriginOverride"] is True
            assert cors["AccessControlAllowCredentials"] is False
            [headers["access-control-allow-origin"]] = cors["AccessControlAllowOrigins"]["Items"]
        return headers

    def _run(self, function: str, event: Mapping[str, Any]) -> tuple[Any, str | None]:
        """What a CloudFront Function gives for an event, and the origin that it selected."""
        properties = self.stack.properties(function.removesuffix(".FunctionARN"))
        assert properties["AutoPublish"] is True
        assert properties["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
        code = str(properties["FunctionCode"]).replace("import cf from 'cloudfront';\n", "")
        outcome = subprocess.run(  # noqa: S603 - found by name
            [_node(), "--input-type=module", "--eval", _BEFORE + code + _AFTER],
            input=json.dumps({"event": {"version": "1.0", **event}, "keys": dict(self.keys)}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert outcome.returncode == 0, outcome.stderr
        told = json.loads(outcome.stdout)
        return told["result"], told["selected"]


@cache
def _node() -> str:
    found = shutil.which("node", path=npm_environment()["PATH"])
    assert found
    return found


def _function(behavior: Mapping[str, Any], event: str) -> str | None:
    attached = {
        entry["EventType"]: entry["FunctionARN"] for entry in behavior.get("FunctionAssociations", [])
    }
    return attached.get(event)
