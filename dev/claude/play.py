"""Plays one reply to one client: as a stream, in one piece, or as an error."""

from dev.claude import wire
from dev.claude.answer import Answer, AnswerOverError
from dev.claude.api_error import MESSAGES, TYPES, error_body
from dev.claude.events import shown_block, stop_reason
from dev.claude.script import BLOCKS, Cut, Reply, StreamError
from dev.claude.stream import Stream


async def play(answer: Answer, reply: Reply) -> None:
    """Answers a request with the reply; raises ClientGoneError where the client hangs up."""
    await answer.pause(reply.delay)
    if reply.body is not None:
        answer.first_byte(reply.status)
        headers = {"content-type": "text/html; charset=utf-8", **reply.headers}
        answer.exchange.send(reply.status, headers.items(), reply.body)
    elif reply.status != 200:
        _error(answer, reply)
    elif answer.body.get("stream"):
        await Stream(answer, reply).run()
    else:
        await _whole(answer, reply)


def _error(answer: Answer, reply: Reply) -> None:
    error_type = reply.error_type or TYPES.get(reply.status, "api_error")
    text = reply.message or MESSAGES.get(error_type, "Error")
    answer.first_byte(reply.status)
    headers = {"request-id": answer.request_id, **reply.headers}
    answer.exchange.send_json(reply.status, error_body(error_type, text, answer.request_id), headers.items())


async def _whole(answer: Answer, reply: Reply) -> None:
    """The answer to a request that doesn't stream; faults that only a stream has become an error or a cut."""
    blocks: list[wire.WireBlock] = []
    cut = [Cut(reply.cut)] if reply.cut else []
    try:
        for item in (*reply.items, *reply.at.values(), *cut):
            if isinstance(item, BLOCKS):
                blocks.append(shown_block(item, answer.body))
            elif isinstance(item, StreamError):
                _error(answer, Reply(status=529, error_type=item.type, message=item.message))
                return
            else:
                await answer.control(item)
    except AnswerOverError:
        return
    message = wire.message(answer.body["model"], wire.new_id("msg"), answer.usage)
    message["content"] = [block.whole for block in blocks]
    message["stop_reason"] = reply.stop_reason or stop_reason(reply)
    message["stop_details"] = reply.stop_details
    message["usage"]["output_tokens"] = sum(block.output_tokens() for block in blocks) or 1
    answer.first_byte(200)
    headers = {"request-id": answer.request_id, **reply.headers}
    answer.exchange.send_json(200, message, headers.items())
