"""Rights of IAM: those that the roles in template.yaml give, and how they differ from those that are used."""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from tests.template.deployed import ACCOUNT, REGION, Deployment

_TELLING = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish", "Lambda": "lambda:InvokeFunction"}
_OF_THE_KEY = {
    "dynamodb": ("Decrypt",),
    "s3:GetObject": ("Decrypt",),
    "s3:PutObject": ("GenerateDataKey",),
    "secretsmanager:GetSecretValue": ("Decrypt",),
    "sqs:ReceiveMessage": ("Decrypt",),
    "sqs:SendMessage": ("Decrypt", "GenerateDataKey"),
}


class Right(NamedTuple):
    """A function may take, or takes, an action on a resource; a key may be for one service's calls alone."""

    function: str
    action: str
    resource: str
    via: str = ""


def differences(used: Iterable[Right], allowed: Iterable[Right]) -> list[str]:
    """What is used and not allowed, and what is allowed and never used; a line for each."""
    idle = set(allowed) - {_written(right) for right in used}
    return sorted([*beyond(used, allowed), *(f"{_told(right)}: allowed, and never used" for right in idle)])


def beyond(used: Iterable[Right], allowed: Iterable[Right]) -> list[str]:
    """What is used and not allowed."""
    missing = {_written(right) for right in used} - set(allowed)
    return sorted(f"{_told(right)}: used, and not allowed" for right in missing)


def _written(used: Right) -> Right:
    """The right as a policy says it: for all objects of a bucket, and for all streams of a log group."""
    bucket, slash, _ = used.resource.partition("/")
    group, stream, _ = used.resource.partition(":log-stream:")
    if slash and bucket.startswith("arn:aws:s3:::"):
        return used._replace(resource=f"{bucket}/*")
    return used._replace(resource=f"{group}:*") if stream else used


def _told(right: Right) -> str:
    via = f" via {right.via}" if right.via else ""
    return f"{right.function}: {right.action} on {right.resource}{via}"


def allowed_rights(deployment: Deployment) -> set[Right]:
    """What each function's role allows."""
    roles = deployment.resources("AWS::IAM::Role")
    found: set[Right] = set()
    for name, function in function_names(deployment).items():
        role = function["Role"].removesuffix(".Arn")
        for policy in roles[role]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                found |= _of_statement(name, statement)
    return found


def function_names(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """The functions' properties by the names that they have on one machine: those without the stack's."""
    return {
        properties["FunctionName"].removeprefix(f"{deployment.name}-"): properties
        for properties in deployment.resources("AWS::Serverless::Function").values()
    }


def _of_statement(function: str, statement: dict[str, Any]) -> set[Right]:
    assert statement["Effect"] == "Allow"
    assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
    return {
        Right(function, action, resource, via)
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        for via in _services(statement.get("Condition"))
    }


def _services(condition: Any) -> list[str]:
    """The services that a condition limits a key's use to; raises for a condition that is not understood."""
    if condition is None:
        return [""]
    ((operator, ((key, values),)),) = ((name, tuple(of.items())) for name, of in condition.items())
    assert (operator, key) == ("StringEquals", "kms:ViaService")
    return [host.partition(".")[0] for host in listed(values)]


def listed(value: Any) -> list[Any]:
    """What a policy names: one, or a list of them."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
_RECEIVING = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")


def used_by_lambda(deployment: Deployment) -> set[Right]:
    """What Lambda itself does in a role's name: it writes the log, tells of failed events, empties queues."""
    found: set[Right] = set()
    for name, function in function_names(deployment).items():
        group = function["LoggingConfig"]["LogGroup"]
        stream = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:one"
        found |= {Right(name, f"logs:{action}", stream) for action in ("CreateLogStream", "PutLogEvents")}
        destinations = function.get("EventInvokeConfig", {}).get("DestinationConfig", {})
        for destination in destinations.values():
            found.add(Right(name, _TELLING[destination["Type"]], destination["Destination"]))
        for event in function.get("Events", {}).values():
            if event["Type"] == "SQS":
                found |= {Right(name, f"sqs:{action}", event["Properties"]["Queue"]) for action in _RECEIVING}
    return found


def used_of_the_key(used: Iterable[Right], key: str) -> set[Right]:
    """What these rights need of the key that table, bucket, secrets and queue are encrypted with.

    There the service uses the key in the caller's name; logs, variables and snapshots are encrypted in the
    service's own: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    """
    found: set[Right] = set()
    for right in used:
        service = right.action.partition(":")[0]
        for needed in _OF_THE_KEY.get(right.action, _OF_THE_KEY.get(service, ())):
            found.add(Right(right.function, f"kms:{needed}", key, service))
    return found
