"""The functions of template.yaml may do in AWS what they do there, and nothing else.

They run as the template describes them, and do once all that needs a right of its own. `differences` then
compares that with their roles, both ways.
"""

import copy
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from dev.claude import Script
from dev.template import read_template
from tests.end_to_end import all_of_stores, all_of_turns
from tests.end_to_end.contract_world import Plays
from tests.end_to_end.deployed_stack import NAME, PARAMETERS, SITES, serve_deployed
from tests.template.deployed import Deployment
from tests.template.rights import (
    Right,
    allowed_rights,
    differences,
    listed,
    used_by_lambda,
    used_of_the_key,
)

KEY = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Recording:
    """What the functions used, and the names that AWS gave."""

    used: frozenset[Right]
    references: Mapping[str, str]

    def differences(self, template: dict[str, Any], **parameters: str) -> list[str]:
        """How the roles of a template differ from it."""
        deployment = Deployment(NAME, PARAMETERS | parameters, self.references, template)
        used = self.used | used_by_lambda(deployment)
        if "KmsKeyArn" in parameters:
            # Published apps are for everybody, and their bucket's encryption is S3's own.
            used |= used_of_the_key([each for each in used if not each.resource.startswith(SITES)], KEY)
        return differences(used, allowed_rights(deployment))

    def named(self, changed: dict[str, Any]) -> list[str]:
        """What is told of a changed template that is not told of the template itself; with a key."""
        known = self.differences(TEMPLATE, KmsKeyArn=KEY)
        return [line for line in self.differences(changed, KmsKeyArn=KEY) if line not in known]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recording() -> AsyncGenerator[Recording]:
    plays = Plays()
    async with serve_deployed(Script(plays)) as stack:
        await all_of_turns.chat(stack, plays)
        await all_of_turns.waits_for_the_preview(stack, plays)
        await all_of_turns.handed_over(stack, plays)
        await all_of_turns.answered(stack, plays)
        await all_of_turns.deleted_while_its_owner_is_dead(stack, plays)
        await all_of_turns.editor(stack)
        await all_of_stores.git_hosts(stack, plays)
        await all_of_stores.sites(stack, plays)
        await all_of_stores.sweep(stack)
        await stack.client.get("/sign-in")  # it reads where Cognito is, and refuses to start: nowhere
        yield Recording(stack.account.used, stack.account.references)


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every role, those too that only a key brings, with the role's name."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"]["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield name, statement["If"][1] if "If" in statement else statement


TEMPLATE = read_template()
RIGHTS = [
    (role, statement["Sid"], action)
    for role, statement in statements(TEMPLATE)
    for action in listed(statement["Action"])
]
FUNCTIONS = {
    "AppsRole": "apps",
    "BuildRole": "build",
    "ChatRole": "chat",
    "GitRole": "git",
    "SessionRole": "session",
    "SignInRole": "sign-in",
    "SweepRole": "sweep",
}
# Of another kind, of another level of the same bucket, on another's items, with a star, and more of the key.
MORE = [
    ("dynamodb:DeleteTable", {"GetAtt": "AppsTable.Arn"}),
    ("dynamodb:GetItem", {"GetAtt": "AppsTable.Arn"}),
    ("dynamodb:UpdateItem", "arn:aws:dynamodb:eu-central-1:123456789012:table/other"),
    ("s3:PutObjectAcl", {"Sub": "${FilesBucket.Arn}/*"}),
    ("s3:GetObject", {"GetAtt": "FilesBucket.Arn"}),
    ("s3:ListBucket", {"Sub": "${FilesBucket.Arn}/*"}),
    ("ssm:GetParameters", {"Sub": "arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${StackSettings}"}),
    ("secretsmanager:GetSecretValue", {"Ref": "OtherSecret"}),
    ("kms:Encrypt", {"Ref": "KmsKeyArn"}),
    ("kms:Decrypt", {"Ref": "KmsKeyArn"}),  # not for one service's calls alone
    ("dynamodb:*", {"GetAtt": "AppsTable.Arn"}),
    ("s3:GetObject", "arn:aws:s3:::*"),
    ("ssm:GetParameter", "*"),
]


def test_each_function_may_do_what_it_does_and_nothing_else(recording: Recording):
    assert recording.differences(TEMPLATE) == []


def test_with_a_key_each_function_may_use_it_for_what_it_reads_and_writes(recording: Recording):
    assert recording.differences(TEMPLATE, KmsKeyArn=KEY) == []


@pytest.mark.parametrize(("role", "sid", "action"), RIGHTS)
def test_a_right_that_is_taken_away_is_named(recording: Recording, role: str, sid: str, action: str):
    changed = copy.deepcopy(TEMPLATE)
    for name, statement in statements(changed):
        if (name, statement["Sid"]) == (role, sid):
            statement["Action"] = [each for each in listed(statement["Action"]) if each != action]

    told = recording.named(changed)

    assert told
    for line in told:
        assert line.startswith(f"{FUNCTIONS[role]}: {action} on ")
        assert line.endswith(": used, and not allowed")


@pytest.mark.parametrize("role", FUNCTIONS)
@pytest.mark.parametrize(("action", "resource"), MORE)
def test_a_right_too_many_is_named(recording: Recording, role: str, action: str, resource: Any):
    changed = copy.deepcopy(TEMPLATE)
    changed["Resources"]["OtherSecret"] = {"Type": "AWS::SecretsManager::Secret"}
    policy = changed["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]
    policy["Statement"].append({"Effect": "Allow", "Action": action, "Resource": resource})

    (told,) = recording.named(changed)

    assert told.startswith(f"{FUNCTIONS[role]}: {action} on ")
    assert told.endswith(": allowed, and never used")


def test_a_right_on_the_wrong_resource_is_named_both_ways(recording: Recording):
    changed = copy.deepcopy(TEMPLATE)
    for role, statement in statements(changed):
        if (role, statement["Sid"]) == ("SessionRole", "ReadSecrets"):
            statement["Resource"] = {"Ref": "ChatSecret"}

    right = "session: secretsmanager:GetSecretValue on"
    assert recording.named(changed) == sorted(
        [
            f"{right} {recording.references['ApiSecret']}: used, and not allowed",
            f"{right} {recording.references['ChatSecret']}: allowed, and never used",
        ]
    )
