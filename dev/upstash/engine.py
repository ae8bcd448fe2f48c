"""What runs the commands: a Redis without network, ready to be asked."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

from dev.upstash.resp import Command, Failure, Reply

EngineName = Literal["valkey", "fake"]


class EngineUnavailableError(Exception):
    """This engine can't run on this machine."""


class Engine(Protocol):
    """A store. `execute` runs commands in order, `transaction` without others in between."""

    @property
    def name(self) -> EngineName: ...

    async def start(self) -> None: ...

    async def execute(self, commands: Sequence[Command]) -> list[Reply]: ...

    async def transaction(self, commands: Sequence[Command]) -> list[Reply] | Failure: ...

    def commands_run(self) -> int: ...

    async def close(self) -> None: ...


async def start_engine(choice: Literal["auto"] | EngineName, data_dir: Path | None) -> Engine:
    """A started engine: Valkey, or fakeredis if it is chosen, or if "auto" finds that Valkey can't
    run here. Raises EngineUnavailableError. Only one engine at a time may have `data_dir`."""
    if choice != "fake":
        from dev.upstash.valkey import ValkeyEngine  # noqa: PLC0415 (needs Unix)

        engine = ValkeyEngine(data_dir)
        try:
            await engine.start()
        except EngineUnavailableError as error:
            await engine.close()
            if choice == "valkey":
                raise
            logging.getLogger(__name__).warning("Valkey can't run here (%s): using fakeredis", error)
        except BaseException:
            await engine.close()
            raise
        else:
            return engine
    from dev.upstash.fake import FakeEngine  # noqa: PLC0415 (importing fakeredis takes a second)

    fake = FakeEngine(data_dir)
    await fake.start()
    return fake
