"""Makes frames of server-sent events out of events. Pure: values in, ASCII bytes out.

Each frame has its JSON in ASCII on one `data:` line, because some clients split lines at U+2028 or U+0085 too
and would see one event as several.
"""

import json
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring_ascii as quote

KEEP_ALIVE = b": keep-alive\n\n"
RECONNECT = b": reconnect\n\n"
"""Ends a stream whose function ends while the turn goes on, so that the reader reconnects."""

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode


def frame(turn: int, seq: int, kind: str, data: Mapping[str, object], timestamp: int) -> bytes:
    """One event as one frame; its id is `<turn>-<seq>`, `timestamp` in epoch milliseconds."""
    return (
        f'id: {turn}-{seq}\ndata: {{"type":"{kind}","data":{_encode(data)},"timestamp":{timestamp}}}\n\n'
    ).encode("ascii")


def frames(
    turn: int, events: Iterable[tuple[str, Mapping[str, object]]], timestamp: int, *, behind: int = 0
) -> list[bytes]:
    """Several events with one timestamp as frames, numbered from `behind + 1` on."""
    return [
        frame(turn, seq, kind, data, timestamp) for seq, (kind, data) in enumerate(events, start=behind + 1)
    ]


def delta_frame(turn: int, seq: int, kind: str, text: str, timestamp: int) -> bytes:
    """As `frame`, for data that is only `{text}`: faster, because every streamed word comes this way."""
    data = f'{{"text":{quote(text)}}}'
    return (f'id: {turn}-{seq}\ndata: {{"type":"{kind}","data":{data},"timestamp":{timestamp}}}\n\n').encode(
        "ascii"
    )


def parse_event_id(text: str) -> tuple[int, int] | None:
    """The `(turn, seq)` of an event id; None if the text is not an event id."""
    turn, dash, seq = text.partition("-")
    if not dash or not (turn.isascii() and turn.isdigit() and seq.isascii() and seq.isdigit()):
        return None
    if len(turn) > 15 or len(seq) > 15 or int(turn) < 1:
        return None
    return int(turn), int(seq)
