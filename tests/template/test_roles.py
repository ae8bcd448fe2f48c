"""What the roles and keys of template.yaml must be; test_rights.py compares the roles with what is used."""

import json

import pytest

from tests.template.deployed import Deployment
from tests.template.rights import allowed_rights, function_names

KEY = "arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-0000-0000-000000000000"
KEY_OF_TOKENS = "arn:aws:kms:eu-central-1:123456789012:key/stack-GitTokenKey"
STORING = {
    "AWS::DynamoDB::Table",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
    "AWS::Serverless::Function",
}
# Code, rights and other stacks; and addresses in a parameter, which CloudFormation cannot make encrypted.
STORING_NOTHING_SECRET = {
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::S3::BucketPolicy",
    "AWS::SSM::Parameter",
    "AWS::Serverless::Application",
    "AWS::Serverless::LayerVersion",
}


@pytest.fixture(scope="module")
def stack() -> Deployment:
    return Deployment("stack", references={"ChatSecret": "the-chat-secret", "ApiSecret": "the-api-secret"})


def test_functions_invoke_each_other_only_where_they_must_and_by_alias(stack: Deployment) -> None:
    invoking = [right for right in allowed_rights(stack) if right.action.startswith("lambda:")]
    called = {(right.function, right.resource.partition(":function:")[2]) for right in invoking}

    assert {right.action for right in invoking} == {"lambda:InvokeFunction"}
    assert called == {
        ("chat", "stack-chat:live"),  # a conversation outlives its function
        ("session", "stack-chat:live"),  # and goes on after an answer
        ("chat", "stack-build:live"),
        ("apps", "stack-build:live"),
        ("chat", "stack-git:live"),
    }


def test_only_the_conversation_can_read_the_models_key(stack: Deployment) -> None:
    reading = {
        right.function: right.resource
        for right in allowed_rights(stack)
        if right.action.startswith("secretsmanager:")
    }
    told = {
        name: secret["SecretString"]
        for name, secret in stack.resources("AWS::SecretsManager::Secret").items()
        if "SecretString" in secret
    }

    assert reading == {
        "chat": "the-chat-secret",
        "session": "the-api-secret",
        "apps": "the-api-secret",
        "git": "the-api-secret",
    }
    assert [name for name, text in told.items() if "ANTHROPIC_API_KEY" in json.loads(text)] == ["ChatSecret"]


def test_a_function_has_its_own_role_and_nothing_that_sam_or_aws_would_add(stack: Deployment) -> None:
    functions = function_names(stack)
    roles = [function["Role"] for function in functions.values()]

    assert len(set(roles)) == len(functions)
    assert not [name for name, function in functions.items() if "Policies" in function]
    for role in stack.resources("AWS::IAM::Role").values():
        assert role.keys() == {"AssumeRolePolicyDocument", "Policies"}
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_no_right_is_for_all_actions_of_a_service_or_for_any_resource(stack: Deployment) -> None:
    rights = allowed_rights(stack)

    assert not [right for right in rights if "*" in right.action]
    assert not [right for right in rights if "*" in right.resource.removesuffix("/*").removesuffix(":*")]


def test_with_a_key_of_the_teams_own_all_that_stores_data_names_it() -> None:
    with_a_key, without = Deployment("stack", {"KmsKeyArn": KEY}), Deployment("stack")
    kinds = set(with_a_key.kinds())

    assert kinds <= STORING | STORING_NOTHING_SECRET
    for kind in kinds & STORING:
        for name, properties in with_a_key.resources(kind).items():
            assert KEY in json.dumps(properties), name
        for name, properties in without.resources(kind).items():
            assert "arn:aws:kms" not in json.dumps(properties).replace(KEY_OF_TOKENS, ""), name


def test_without_a_key_of_the_teams_own_only_tokens_of_git_hosts_are_sealed_with_one(
    stack: Deployment,
) -> None:
    found = [right for right in allowed_rights(stack) if right.action.startswith("kms:")]

    assert sorted(right.action for right in found) == ["kms:Decrypt", "kms:Encrypt"]
    assert {(right.function, right.resource) for right in found} == {
        ("git", stack.properties("GitRole")["Policies"][0]["PolicyDocument"]["Statement"][3]["Resource"])
    }
