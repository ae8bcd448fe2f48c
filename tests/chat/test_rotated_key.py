"""A model's key that is rotated while a process lives: the first turn that is refused makes it ask again."""

import json
import re
from pathlib import Path

import httpx
from turn_world import APP, VENDOR, World

from aicode.file_store.sqlite.store import SqliteFileStore
from dev import claude, function_url, secret_store
from dev.claude import Reply, Script, Text
from dev.claude.received import Received
from dev.function_url import Function, Route
from tests.end_to_end.stack import events_of
from tests.function_event import token


async def test_the_turn_after_one_that_was_refused_has_the_new_key(world: World, tmp_path: Path):
    store = SqliteFileStore(tmp_path / "apps.sqlite3")
    await store.create_app(VENDOR, "App", app_id=APP)
    store.close()
    valid = "first key"

    def answer(request: Received, _number: int) -> Reply:
        return (
            Reply(Text("Hello."))
            if request.headers["authorization"] == f"Bearer {valid}"
            else Reply(status=401)
        )

    secret = {
        "UPSTASH_REDIS_REST_URL": world.redis.url,
        "UPSTASH_REDIS_REST_TOKEN": world.redis.token,
        "TITLE_MODEL": "none",
    }
    async with (
        claude.serve(script=Script(answer)) as model,
        secret_store.serve({**secret, "ANTHROPIC_API_KEY": valid}) as told,
    ):
        variables = {"ANTHROPIC_BASE_URL": model.url, "DATA_DIR": str(tmp_path), **told.variables}
        function = Function(name="chat", handler="chat.app.handler", streaming=True, environment=variables)
        async with (
            function_url.serve(
                functions=[function], routes=[Route(None, re.compile(".*"), "chat")]
            ) as server,
            httpx.AsyncClient(base_url=server.url, timeout=60, trust_env=False) as client,
        ):

            async def end_of_a_turn() -> str:
                body = {"message": "Hi", "appId": APP}
                headers = {"authorization": f"Bearer {token(VENDOR)}"}
                stream = await client.post(world.settings.base_path, json=body, headers=headers)
                return events_of(stream.content)[-1].type

            before = await end_of_a_turn()
            valid = "second key"
            told.secret = json.dumps({**secret, "ANTHROPIC_API_KEY": valid})
            refused = await end_of_a_turn()
            after = await end_of_a_turn()
            processes = len(server.processes("chat"))

    assert (before, refused, after) == ("message_complete", "error", "message_complete")
    assert (processes, len(told.asked)) == (1, 4)
