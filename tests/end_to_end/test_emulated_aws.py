"""Apps and files in DynamoDB and S3, as `make dev` runs on an emulator of them."""

from pathlib import Path

from aicode.file_store import DATABASE
from dev.claude import Reply, Text, ToolUse
from dev.sign_in import LOCAL_VENDOR
from tests.end_to_end import emulated_aws
from tests.end_to_end.stack import APPS, Stack, assert_well_formed, bearer, replies, serve
from tests.file_store.texts import noise

LARGE = noise(1, 400_000)


async def apps_of(stack: Stack, vendor: str) -> list[str]:
    answer = await stack.client.get(APPS, headers=bearer(vendor))
    return [app["appId"] for app in answer.json()["apps"]]


async def test_a_turn_writes_to_dynamodb_and_s3_and_all_is_there_after_a_restart(tmp_path: Path):
    script = replies(
        Reply(
            ToolUse("create_file", {"path": "small.txt", "content": "small\n"}),
            ToolUse("create_file", {"path": "large.txt", "content": LARGE}),
        ),
        Reply(Text("Done.")),
    )
    with emulated_aws.serve() as known:
        async with serve(tmp_path, script, faults=None, pace=0, **known) as stack:
            events = await stack.turn("Make two files")
            assert await apps_of(stack, LOCAL_VENDOR) == ["demo-app"]
            app = stack.app
        async with serve(tmp_path, script, faults=None, pace=0, **known) as stack:
            assert await apps_of(stack, LOCAL_VENDOR) == ["demo-app"]
            assert app in await apps_of(stack, "alice")
            stack.app = app
            files = [await stack.file("small.txt"), await stack.file("large.txt")]

    assert_well_formed(events)
    assert events[-1].type == "message_complete"
    assert files == ["small\n", LARGE]
    assert not (tmp_path / DATABASE).exists()
