"""The functions on this machine as template.yaml has them: with its names, limits, variables and secrets."""

import json
import re
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from aicode.file_store.dynamodb.table import Table
from aicode.settings import DEVELOPMENT_JWT_SECRET
from dev import aws, claude, exa, function_url, upstash
from dev.function_url import Function, Route
from dev.stand_ins import Emulator
from dev.template import ROOT
from tests.end_to_end import emulated_aws
from tests.end_to_end.emulated_aws import OneAtATime
from tests.end_to_end.stack import APPS, BASE, Json, Stack
from tests.template.deployed import Deployment
from tests.template.rights import Right, function_names
from tests.waiting import PATIENCE

NAME = "rights"
# With the function of the sign-in, but without Cognito, which would give the settings its addresses.
PARAMETERS = {
    "Edge": "none",
    "ChatTimeoutSeconds": "24",
    "SitesDomain": "example-apps.net",
    "SitesCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/one",
}
SITES = f"arn:aws:s3:::{NAME}-sites"
"""The bucket of published apps, which is no resource of the template's own."""
# botocore puts the account of a key-value store before the host of an endpoint: 127 before 0.0.1.
_KEY_VALUE_STORE = "arn:aws:cloudfront::127:key-value-store/sites"
_WITHOUT_COGNITO = {"Edge": "none", "SignIn": "none"}
_ROUTES = [
    Route(None, re.compile(rf"{APPS}/(import|[^/]+/(export\.\w+|git|git/push))"), f"{NAME}-git"),
    Route(None, re.compile(f"{APPS}(/.*)?"), f"{NAME}-apps"),
    Route(frozenset({"POST"}), re.compile(BASE), f"{NAME}-chat"),
    Route(frozenset({"GET"}), re.compile(f"{BASE}/[^/]+/stream"), f"{NAME}-chat"),
    Route(None, re.compile(f"{BASE}(/.*)?"), f"{NAME}-session"),
    Route(None, re.compile("/sign-in"), f"{NAME}-sign-in"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What of AWS the stack has: `references` are its resources' names, `table` keeps apps and files."""

    references: Mapping[str, str]
    table: Table
    url: str
    door: OneAtATime

    @property
    def key_values(self) -> dict[str, str]:
        """The variable that leads to what stands in for CloudFront's key-value stores."""
        return {"AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE": self.url.replace("//127.", "//")}

    @property
    def used(self) -> frozenset[Right]:
        """The rights that the functions have used, by the functions' names without the stack's."""
        own = (right for right in self.door.used if right.function.startswith(f"{NAME}-"))
        return frozenset(right._replace(function=right.function.removeprefix(f"{NAME}-")) for right in own)


class DeployedStack(Stack):
    """Such a stack with one signed-in vendor, in an account of its own."""

    functions_die = True

    def __init__(
        self, model: claude.ClaudeServer, redis: upstash.Upstash, server: Any, account: Account
    ) -> None:
        super().__init__(model, redis, server, server.url, BASE)
        self.account = account

    async def invoke(self, function: str) -> Json:
        """What a function gives for an empty event, as the schedule sends one."""
        path = f"/2015-03-31/functions/{NAME}-{function}/invocations"
        async with httpx.AsyncClient(base_url=self.server.invoke_url, timeout=PATIENCE) as client:
            answer = await client.post(path, json={})
        assert "x-amz-function-error" not in answer.headers, answer.text
        return answer.json()


@asynccontextmanager
async def serve_deployed(script: claude.Script) -> AsyncGenerator[DeployedStack]:
    """The whole template but its nested stacks, until left."""
    async with AsyncExitStack() as running:
        model = await running.enter_async_context(claude.serve(script=script))
        redis = await running.enter_async_context(upstash.serve(data_dir=None, token="test-token"))
        web = await running.enter_async_context(exa.serve())
        told = {
            "ANTHROPIC_API_KEY": "a-key",
            "EXA_API_KEY": "a-key",
            "UPSTASH_REDIS_REST_URL": redis.url,
            "UPSTASH_REDIS_REST_TOKEN": redis.token,
            "VENDOR_JWT_SECRET": DEVELOPMENT_JWT_SECRET,
        }
        account = await running.enter_async_context(_account(told))
        here = {
            "ANTHROPIC_BASE_URL": model.url,
            "EXA_BASE_URL": web.url,
            "AWS_ENDPOINT_URL": account.url,
            "AWS_ENDPOINT_URL_LAMBDA": account.url,
            **account.key_values,
            "BUILD_TOOLS": str(ROOT / "web"),
            "TITLE_MODEL": "none",  # its request beside a first turn's would be in the way
        }
        functions = _functions(Deployment(NAME, PARAMETERS, account.references), here)
        server = await running.enter_async_context(function_url.serve(functions=functions, routes=_ROUTES))
        account.door.invoke_url = server.invoke_url
        stack = DeployedStack(model, redis, server, account)
        running.push_async_callback(stack.client.aclose)
        answer = await stack.client.post(APPS, json={"name": "An app"})
        assert answer.status_code == 201, answer.text
        stack.app = answer.json()["app"]["appId"]
        yield stack


@asynccontextmanager
async def _account(told: Mapping[str, str]) -> AsyncGenerator[Account]:
    """Table, buckets, parameter, and secrets with what `make secrets` fills in."""
    with emulated_aws.recorded() as (known, door):
        url, table, bucket = (known[name] for name in ("AWS_ENDPOINT_URL", "APPS_TABLE", "FILES_BUCKET"))
        session = aws.session({})
        await aws.make(Emulator(url=url, table=table, bucket=bucket), session)
        with _client(session, "sqs", url) as queues:
            queues.create_queue(QueueName=f"{NAME}-WakeUps")
        bucket_of_sites = SITES.rpartition(":")[2]
        with _client(session, "s3", url) as buckets:
            buckets.create_bucket(
                Bucket=bucket_of_sites,
                CreateBucketConfiguration={"LocationConstraint": session.region_name},
            )
        yield Account(
            references={
                **{"AppsTable": table, "FilesBucket": bucket},
                **_secrets_and_settings(session, url, told),
                "GitTokenKey": _key(session, url),
                "SitesStack.Outputs.Bucket": bucket_of_sites,
                "SitesStack.Outputs.BucketArn": SITES,
                "SitesStack.Outputs.KeyValueStore": _KEY_VALUE_STORE,
            },
            table=Table(table, bucket, url, session),
            url=url,
            door=door,
        )


def _secrets_and_settings(session: Any, url: str, told: Mapping[str, str]) -> dict[str, str]:
    deployment = Deployment(NAME, _WITHOUT_COGNITO)
    made: dict[str, str] = {}
    with _client(session, "secretsmanager", url) as secrets, _client(session, "ssm", url) as ssm:
        for name, secret in deployment.resources("AWS::SecretsManager::Secret").items():
            values = {key: told.get(key, "") for key in json.loads(secret["SecretString"])}
            made[name] = secrets.create_secret(Name=f"{NAME}-{name}", SecretString=json.dumps(values))["ARN"]
        for parameter in deployment.resources("AWS::SSM::Parameter").values():
            ssm.put_parameter(**parameter)
    return made


def _key(session: Any, url: str) -> str:
    with _client(session, "kms", url) as kms:
        return kms.create_key()["KeyMetadata"]["KeyId"]


@contextmanager
def _client(session: Any, service: str, url: str) -> Generator[Any]:
    client = session.client(service, endpoint_url=url)
    try:
        yield client
    finally:
        client.close()


def _functions(deployment: Deployment, here: Mapping[str, str]) -> list[Function]:
    return [
        Function(
            name=properties["FunctionName"],
            handler=properties["Handler"],
            streaming="AWS_LAMBDA_EXEC_WRAPPER" in properties["Environment"]["Variables"],
            timeout_seconds=float(properties["Timeout"]),
            memory_mb=properties["MemorySize"],
            environment={**_texts(properties["Environment"]["Variables"]), **here},
        )
        for properties in function_names(deployment).values()
    ]


def _texts(variables: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in variables.items()}
