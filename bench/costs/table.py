"""The tables of COSTS.md, made of what was counted and of the template."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aicode.api_types import Usage
from bench.costs import prices
from chat.agent.model.catalogue import MODELS, cost_usd
from dev.template import ROOT, read_template

TURNS = 1000
TURNS_PER_VISIT = 10
# What is assumed, as no local stack can count it. In a browser, without its cache: 62 files, compressed.
PAGE_FILES, PAGE_BYTES = 62, 1_467_000
SHORT_REQUEST_SECONDS = 0.1
# Lambda's own lines about an invocation, in JSON.
PLATFORM_LOG_BYTES = 600
MONTH_SECONDS = 30 * 24 * 3600
# Tokens that each step late in a long conversation reads from Claude's cache beside the counted ones.
LONG_CONVERSATION, STEPS = 100_000, 3

Counts = Mapping[str, Mapping[str, float]]
Line = tuple[str, float, str, float]
"""What it is, how many, of what, and the dollars for all of them."""


def tables(counts: Counts) -> dict[str, str]:
    """Each table by the name of its place in the document."""
    return {
        "turns": _turns(_lines(counts)),
        "tokens": _tokens(counts["tokens"]),
        "month": _month(counts["month"]["metrics"]),
    }


def put_in(document: str, counts: Counts) -> str:
    """The document with its tables as they are to be."""
    for name, table in tables(counts).items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        head, found, rest = document.partition(begin)
        if not found or end not in rest:
            raise ValueError(f"The document has no place for the table {name!r}.")
        document = head + begin + table + "\n" + end + rest.partition(end)[2]
    return document


def memory_gb(function: str) -> float:
    """What template.yaml gives a function."""
    return int(read_template()["Resources"][function]["Properties"]["MemorySize"]) / 1024


def alarm_metrics(alarms: Iterable[Mapping[str, Any]]) -> int:
    """The metrics that alarms look at: each is billed, while the expressions over them are not."""
    return sum(
        sum("MetricStat" in query for query in alarm["Metrics"]) if "Metrics" in alarm else 1
        for alarm in alarms
    )


def _lines(counts: Counts) -> list[Line]:
    def of(*names: str) -> float:
        visits = TURNS / TURNS_PER_VISIT
        return sum(
            TURNS * counts["turn"].get(name, 0) + visits * counts["visit"].get(name, 0) for name in names
        )

    short = of("session_requests", "apps_requests")
    requests = short + of("chat_requests")
    invocations = requests + of("build_requests")
    files = TURNS / TURNS_PER_VISIT * PAGE_FILES
    log = of("log_bytes") + invocations * PLATFORM_LOG_BYTES
    sent = of("response_bytes") + TURNS / TURNS_PER_VISIT * PAGE_BYTES
    chat = of("chat_milliseconds") / 1000 * memory_gb("ChatFunction")
    build = of("build_milliseconds") / 1000 * memory_gb("BuildFunction")
    beside = short * SHORT_REQUEST_SECONDS * memory_gb("AppsFunction")
    # A process reads its secret at most every five minutes: of a turn's three functions each at most once.
    secret = 3 * TURNS
    lines: list[Line] = [
        ("Lambda, the chat function", chat, "GB-seconds", chat * prices.GB_SECOND),
        ("Lambda, the build function", build, "GB-seconds", build * prices.GB_SECOND),
        ("Lambda, session and apps", beside, "GB-seconds", beside * prices.GB_SECOND),
        ("Lambda", invocations, "requests", invocations * prices.LAMBDA_REQUEST),
    ]
    for what, unit, quantity, price in (
        ("Upstash", "commands", of("redis_commands"), prices.REDIS_COMMAND),
        ("DynamoDB", "write units", of("dynamodb_writes"), prices.DYNAMODB_WRITE),
        ("DynamoDB", "read units", of("dynamodb_reads"), prices.DYNAMODB_READ),
        ("S3", "writes", of("s3_writes"), prices.S3_WRITE),
        ("S3", "reads", of("s3_reads"), prices.S3_READ),
        ("CloudFront", "requests", requests + files, prices.EDGE_REQUEST),
        ("CloudFront's function", "requests", requests, prices.EDGE_FUNCTION),
        ("CloudFront", "MB sent", sent / 1e6, prices.EDGE_BYTE * 1e6),
        ("Logs", "MB", log / 1e6, prices.LOG_BYTE * 1e6),
        ("Secrets Manager, at most", "reads", secret, prices.SECRET_READ),
    ):
        lines.append((what, quantity, unit, quantity * price))
    return lines


def _turns(lines: Sequence[Line]) -> str:
    total = sum(dollars for *_, dollars in lines)
    rows = [f"| {what} | {quantity:,.0f} {unit} | {dollars:.3f} |" for what, quantity, unit, dollars in lines]
    return "\n".join(
        [
            "| service | counted | US$ |",
            "| --- | ---: | ---: |",
            *rows,
            f"| **together** | | **{total:.2f}** |",
        ]
    )


def _tokens(counted: Mapping[str, float]) -> str:
    new, output, read, written = (
        int(counted[f"{kind}Tokens"]) for kind in ("input", "output", "cacheRead", "cacheWrite")
    )

    def dollars(model: str, read: int) -> str:
        used = Usage(
            inputTokens=new, outputTokens=output, cacheReadTokens=read, cacheWriteTokens=written, costUsd=0
        )
        return f"{TURNS * cost_usd(model, used):,.2f}"

    long = read + STEPS * LONG_CONVERSATION
    return "\n".join(
        [
            f"Counted in one turn: {new:,} tokens new to Claude, {written:,} written to its cache,",
            f"{read:,} read from there, {output:,} of output.",
            "",
            "| model | this turn, US$ | late in a long conversation, US$ |",
            "| --- | ---: | ---: |",
            *(f"| `{model}` | {dollars(model, read)} | {dollars(model, long)} |" for model in sorted(MODELS)),
        ]
    )


def _month(metrics: float) -> str:
    secrets = len(_resources("AWS::SecretsManager::Secret"))
    dashboards = len(_resources("AWS::CloudWatch::Dashboard"))
    alarms = _resources("AWS::CloudWatch::Alarm")
    watched = alarm_metrics(alarms)
    keys = len(_resources("AWS::KMS::Key"))
    memory = sum(each["MemorySize"] for each in _resources("AWS::Serverless::Function")) / 1024
    rows = [
        (f"secrets: {secrets}", secrets * prices.SECRET_MONTH),
        (f"metrics: {metrics:.0f}, where turns go on all month", metrics * prices.METRIC_MONTH),
        (f"alarms: {len(alarms)}, on {watched} metrics", watched * prices.ALARM_METRIC_MONTH),
        (f"keys for the tokens of git hosts: {keys}", keys * prices.KMS_KEY_MONTH),
        (f"dashboards: {dashboards}", dashboards * prices.DASHBOARD_MONTH),
        ("each GB of contents in DynamoDB", prices.DYNAMODB_GB_MONTH),
        ("each GB of them in its backup", prices.DYNAMODB_BACKUP_GB_MONTH),
        ("each GB of contents in S3", prices.S3_GB_MONTH),
        ("each GB in Redis", prices.REDIS_GB_MONTH),
        (
            "`SnapStart`, a version's snapshots of all functions",
            memory * MONTH_SECONDS * prices.SNAPSHOT_GB_SECOND,
        ),
        ("`WafRequestsPerFiveMinutes`, beside its requests", prices.WAF_MONTH),
        ("`KmsKeyArn`", prices.KMS_KEY_MONTH),
        (
            f"`SignIn=cognito`, each thousand vendors beyond {prices.COGNITO_FREE_USERS:,}",
            1000 * prices.COGNITO_USER_MONTH,
        ),
    ]
    return "\n".join(
        [
            "| what | US$ a month |",
            "| --- | ---: |",
            *(f"| {what} | {dollars:.2f} |" for what, dollars in rows),
        ]
    )


def _resources(kind: str) -> list[Mapping[str, Any]]:
    """The properties of all resources of a kind, in the template and in its stacks."""
    files = ["template.yaml", *(f"stacks/{path.name}" for path in (ROOT / "stacks").glob("*.yaml"))]
    resources = [each for file in files for each in read_template(file)["Resources"].values()]
    return [each["Properties"] for each in resources if each["Type"] == kind]
