"""A function's result as it is sent."""

import json

import pytest

from dev.function_url.payload import MalformedAnswer, streamed_answer


@pytest.mark.parametrize(("name", "value"), [("X", "a\r\nb"), ("X Y", "a"), ("X", "\N{SNOWMAN}"), ("", "a")])
def test_a_header_that_would_break_the_head_is_refused(name: str, value: str) -> None:
    with pytest.raises(MalformedAnswer, match="a header cannot be sent"):
        streamed_answer(json.dumps({"headers": {name: value}}).encode())
