"""Deployed, the function is told of the edge and of the pool by the stack's parameter alone."""

import re

import httpx
from sign_in_world import ORIGIN
from user_pool import user_pool

from dev import function_url, secret_store
from dev.function_url import Function, Route


async def test_the_function_reads_the_parameter_and_no_secret() -> None:
    async with (
        user_pool(ORIGIN) as pool,
        secret_store.serve({}, {"PUBLIC_ORIGIN": ORIGIN, **pool.variables}) as store,
    ):
        environment = {name: value for name, value in store.variables.items() if name != "SECRETS_ARN"}
        function = Function(name="sign_in", handler="sign_in.app.handler", environment=environment)
        routes = [Route(None, re.compile(".*"), "sign_in")]
        async with (
            function_url.serve(functions=[function], routes=routes) as server,
            httpx.AsyncClient(base_url=server.url, timeout=30) as client,
        ):
            answers = [await client.get("/sign-in") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].headers["location"].startswith(f"{pool.url}/oauth2/authorize?")
        assert store.asked == ["AmazonSSM.GetParameter"]
