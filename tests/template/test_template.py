"""What template.yaml says of the functions agrees with what runs on one machine and with the settings."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from aicode.settings import Settings
from dev import aws, stand_ins
from dev.template import ROOT, read_template

STREAMING = {"ChatFunction": "chat", "AppsFunction": "apps", "GitFunction": "git"}
FUNCTIONS = {**STREAMING, "SessionFunction": "session"}
ALL_FUNCTIONS = [*FUNCTIONS, "SignInFunction", "SweepFunction", "BuildFunction"]
FROM_THE_SECRET = {"UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN", "VENDOR_JWT_SECRET"}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return read_template()


def properties(template: dict[str, Any], name: str) -> dict[str, Any]:
    return template["Resources"][name]["Properties"]


def test_the_longest_time_limit_is_the_same_on_one_machine(template: dict[str, Any]) -> None:
    limit = template["Parameters"]["ChatTimeoutSeconds"]

    assert properties(template, "ChatFunction")["Timeout"] == {"Ref": "ChatTimeoutSeconds"}
    assert limit["MaxValue"] == stand_ins.LONGEST_TIMEOUT_SECONDS
    assert limit["Default"] == 900


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_streaming_functions_alone_start_through_the_streaming_runtime(
    template: dict[str, Any], name: str
) -> None:
    values = properties(template, name)
    wrapper = values.get("Environment", {}).get("Variables", {}).get("AWS_LAMBDA_EXEC_WRAPPER")

    assert wrapper == ("/opt/stream-bootstrap" if name in STREAMING else None)
    assert ({"Ref": "RuntimeLayer"} in values["Layers"]) == (name in STREAMING)


def environment(template: dict[str, Any]) -> dict[str, str]:
    """The functions' variables where nothing is said about parameters; a reference reads as its name."""
    given: dict[str, Any] = template["Globals"]["Function"]["Environment"]["Variables"]
    defaults = {name: parameter.get("Default", "") for name, parameter in template["Parameters"].items()}
    names = {name: value.get("Ref", "") for name, value in given.items() if not isinstance(value, str)}
    return given | {name: str(defaults.get(reference, reference)) for name, reference in names.items()}


def test_what_the_template_sets_are_the_defaults_of_the_settings(template: dict[str, Any]) -> None:
    of_the_stack = {"APPS_TABLE", "FILES_BUCKET", "BUILD_FUNCTION", *FROM_THE_SECRET}
    fixed = {name: value for name, value in environment(template).items() if name not in of_the_stack}
    enough = {"AICODE_LOCAL": "1", "UPSTASH_REDIS_REST_URL": "http://x", "ANTHROPIC_BASE_URL": "http://x"}

    assert Settings.from_env({**enough, **fixed}) == Settings.from_env(enough)


# Of the executions that an account usually has, AWS wants so many kept for functions without a number.
ACCOUNTS_EXECUTIONS, UNRESERVED = 1000, 100
HELD = {
    "ChatFunction": "ChatConcurrency",
    "AppsFunction": "AppsConcurrency",
    "GitFunction": "GitConcurrency",
}


def test_what_streams_leaves_executions_to_all_else_unless_the_account_has_too_few(
    template: dict[str, Any],
) -> None:
    held = [name for name in ALL_FUNCTIONS if "ReservedConcurrentExecutions" in properties(template, name)]
    assert held == list(HELD)
    assert held == list(STREAMING)

    for name, parameter in HELD.items():
        condition, given, otherwise = properties(template, name)["ReservedConcurrentExecutions"]["If"]
        assert (given, otherwise) == ({"Ref": parameter}, {"Ref": "AWS::NoValue"})
        assert template["Conditions"][condition] == {"Not": [{"Equals": [{"Ref": parameter}, 0]}]}
    defaults = [template["Parameters"][parameter]["Default"] for parameter in HELD.values()]
    assert min(defaults) > 0
    # What is left is for the others, and for a second, smaller stack.
    assert ACCOUNTS_EXECUTIONS - sum(defaults) >= 3 * UNRESERVED


def test_what_is_left_over_is_swept_every_day(template: dict[str, Any]) -> None:
    schedule = properties(template, "SweepFunction")["Events"]["Daily"]

    assert schedule["Properties"]["ScheduleExpression"] == "rate(1 day)"
    assert "FunctionUrlConfig" not in properties(template, "SweepFunction")


def test_an_emulators_table_has_the_keys_of_the_real_one(template: dict[str, Any]) -> None:
    table = properties(template, "AppsTable")

    assert {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]} == aws.KEYS
    assert {each["AttributeName"] for each in table["AttributeDefinitions"]} == aws.KEYS.keys()


def test_a_page_may_send_forms_to_the_bucket_of_files_and_no_more(template: dict[str, Any]) -> None:
    (rule,) = properties(template, "FilesBucket")["CorsConfiguration"]["CorsRules"]

    assert rule["AllowedMethods"] == ["POST"]


def test_files_are_private_and_encrypted(template: dict[str, Any]) -> None:
    bucket = properties(template, "FilesBucket")

    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert "ServerSideEncryptionConfiguration" in bucket["BucketEncryption"]


@pytest.mark.parametrize("name", ALL_FUNCTIONS)
def test_logs_are_kept_for_a_limited_time(template: dict[str, Any], name: str) -> None:
    group = properties(template, name)["LoggingConfig"]["LogGroup"]["Ref"]

    assert properties(template, group)["RetentionInDays"] == {"Ref": "LogRetentionDays"}


EVENTS = sorted((ROOT / "events").glob("*.json"))


@pytest.mark.parametrize("file", EVENTS, ids=lambda file: file.stem)
def test_an_event_is_what_a_function_url_sends(file: Path) -> None:
    event = json.loads(file.read_text(encoding="utf-8"))

    assert event["version"] == "2.0"
    assert event["requestContext"]["http"]["path"] == event["rawPath"]
    assert event["headers"]["authorization"] == "Bearer TOKEN"
    if "body" in event:
        assert event["headers"]["content-length"] == str(len(event["body"]))
        assert event["headers"]["content-type"] == "application/json"


def test_there_are_events_for_what_a_page_asks() -> None:
    requests: list[str] = []
    for file in EVENTS:
        event = json.loads(file.read_text(encoding="utf-8"))
        path = re.sub(r"demo-app|[A-Z]+_ID", "ID", event["rawPath"])
        query = "&".join(sorted(event.get("queryStringParameters", {})))
        requests.append(f"{event['requestContext']['http']['method']} {path}?{query}".rstrip("?"))

    assert sorted(requests) == sorted(
        [
            "POST /api/vendor/ai-chat-v2",
            "GET /api/vendor/ai-chat-v2/ID/stream?after",
            "POST /api/vendor/ai-chat-v2",
            "POST /api/vendor/ai-chat-v2/ID/approvals/ID",
            "POST /api/vendor/ai-chat-v2/ID/cancel",
            "GET /api/vendor/ai-chat-v2?sessionId",
            "GET /api/vendor/ai-chat-v2?appId",
            "PUT /api/vendor/ai-chat-v2?sessionId",
            "DELETE /api/vendor/ai-chat-v2?sessionId",
            "GET /api/vendor/ai-chat-v2/budget",
            "GET /api/vendor/apps",
            "POST /api/vendor/apps",
            "PUT /api/vendor/apps/ID",
            "DELETE /api/vendor/apps/ID",
            "GET /api/vendor/apps/ID/policy",
            "PUT /api/vendor/apps/ID/policy",
            "GET /api/vendor/apps/ID/files",
            "GET /api/vendor/apps/ID/files?content",
            "GET /api/vendor/apps/ID/file?path",
            "PUT /api/vendor/apps/ID/file",
            "POST /api/vendor/apps/ID/rename",
            "DELETE /api/vendor/apps/ID/file?baseVersion&path",
            "GET /api/vendor/apps/ID/checkpoints",
            "GET /api/vendor/apps/ID/diff?from&to",
            "POST /api/vendor/apps/ID/restore",
            "GET /api/vendor/apps/ID/check",
            "GET /api/vendor/apps/ID/export.zip",
            "GET /api/vendor/apps/ID/export.bundle",
            "GET /api/vendor/apps/ID/git",
            "POST /api/vendor/apps/ID/uploads",
            "POST /api/vendor/apps/ID/publish",
            "GET /api/vendor/apps/ID/publish",
            "PUT /api/vendor/apps/ID/publish",
            "DELETE /api/vendor/apps/ID/publish",
            "POST /api/vendor/apps/ID/publish/rollback",
        ]
    )
