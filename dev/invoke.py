"""`make invoke EVENT=events/session-list.json`: one event to its function, in a fresh process of the sources.

SESSION, APP and APPROVAL say what SESSION_ID, APP_ID and APPROVAL_ID stand for; without SESSION it is the
demo app's newest one.
VENDOR is who asks, with a token of the local secret; TOKEN is another token.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from aicode.settings import SettingsError
from dev import composition, events, stand_ins
from dev.composition import Stack
from dev.function_url.reply import Client
from dev.sign_in import LOCAL_VENDOR
from dev.token import make_token
from dev.upstash import ValkeyUnavailableError

SESSIONS = events.FOLDER / "session-list.json"


class Kept(Client):
    """An answer in one piece."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""

    def send(self, status: int, fields: Iterable[tuple[str, str]] = (), body: bytes = b"") -> None:
        self.start(status, fields, body)

    def send_json(self, status: int, answer: object, fields: Iterable[tuple[str, str]] = ()) -> None:
        self.start(status, [("content-type", "application/json"), *fields], json.dumps(answer).encode())

    def start(self, status: int, fields: Iterable[tuple[str, str]] = (), data: bytes = b"") -> None:  # noqa: ARG002 - the client's
        self.status = status
        self.write(data)

    def write(self, data: bytes) -> None:
        self.body += data

    def end(self) -> None:
        pass

    async def drain(self) -> None:
        pass


class Printed(Kept):
    """An answer as it comes: its head to stderr, its body to stdout."""

    def start(self, status: int, fields: Iterable[tuple[str, str]] = (), data: bytes = b"") -> None:
        head = "".join(f"{name}: {value}\n" for name, value in fields)
        sys.stderr.write(f"{status}\n{head}\n")
        sys.stderr.flush()
        super().start(status, fields, data)

    def write(self, data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


async def invoke(file: Path, stack: Stack, env: Mapping[str, str]) -> int:
    """Prints the answer, and returns its status. Raises SettingsError where the event cannot be filled."""
    token = env.get("TOKEN") or make_token(stack.settings, env.get("VENDOR") or LOCAL_VENDOR)
    session, app, approval = (env.get(name, "") for name in ("SESSION", "APP", "APPROVAL"))
    if not approval and events.mentions(file, "APPROVAL_ID"):
        raise SettingsError(f"Which request? GET of its session tells: make invoke EVENT={file} APPROVAL=...")
    if not session and events.mentions(file, "SESSION_ID"):
        session = await _newest_session(stack, token)
    if not app and events.mentions(file, "APP_ID"):
        raise SettingsError(f"Which app? make invoke EVENT={file} APP=...")
    try:
        event = events.filled(file, token=token, session=session, app=app, approval=approval)
        name = stack.server.function_for(event)
    except (ValueError, LookupError, TypeError) as error:
        raise SettingsError(f"{file} is no request to a function: {error}") from error
    answer = Printed()
    await stack.server.send(name, event, answer)
    return answer.status


async def _newest_session(stack: Stack, token: str) -> str:
    answer, event = Kept(), events.filled(SESSIONS, token=token)
    await stack.server.send(stack.server.function_for(event), event, answer)
    sessions: list[dict[str, str]] = json.loads(answer.body)["sessions"] if answer.status == 200 else []
    if not sessions:
        raise SettingsError(
            "There is no session yet: make invoke EVENT=events/chat-send.json, or SESSION=..."
        )
    return sessions[0]["sessionId"]


async def main(here: Path, file: Path) -> str | int:
    """The exit code, or the line that says why nothing was sent."""
    try:
        known = stand_ins.read(here, os.environ)
        data_dir = stand_ins.data_dir(here, known)
        async with composition.serve(known, port=0, data_dir=data_dir) as stack:
            return int(await invoke(file, stack, os.environ) >= 400)
    except SettingsError as error:
        return str(error)
    except ValkeyUnavailableError as error:
        return f"The embedded Redis cannot run here ({error}): set UPSTASH_REDIS_REST_URL to another one."
    except BlockingIOError:
        return "The local stack is running: end it, or set another DATA_DIR."


if __name__ == "__main__":
    chosen = Path(*sys.argv[1:])
    if not chosen.is_file():
        sys.exit("Which event? make invoke EVENT=events/session-list.json")
    sys.exit(asyncio.run(main(Path.cwd(), chosen)))
