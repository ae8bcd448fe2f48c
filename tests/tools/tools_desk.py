"""Claude at work on one app: calls tools, commits batches; and the vendor who edits beside it."""

from aicode.api_types import Attachment
from aicode.errors import ToolError
from aicode.file_store.store import Change, Commit, FileStore, Move, Put, Remove, TurnRef
from chat.agent.tools.attachments import Attachments
from chat.agent.tools.batch_commit import BatchOutcome
from chat.agent.tools.files import file_tools
from chat.agent.tools.tool import ToolOutput
from chat.agent.tools.workspace import Workspace
from tests.memory_uploads import MemoryUploads

APP = "app-1"
TURN = TurnRef("session-1", 1, 1)


class Desk:
    """One turn's workspace over a store."""

    def __init__(self, store: FileStore) -> None:
        self.store = store
        self.uploads = MemoryUploads("alice", APP)
        self._attached: list[Attachment] = []
        self.seen: dict[str, int] = {}
        self.new_turn()
        self._batches = 0

    def new_turn(self) -> None:
        attachments = Attachments(self.uploads, "alice", APP, self._attached)
        self.workspace = Workspace(self.store, "alice", APP, self.seen, attachments)
        self.tools = {tool.name: tool for tool in file_tools(self.workspace)}

    async def call(self, name: str, call_id: str = "call", /, **arguments: object) -> ToolOutput:
        return await self.tools[name].call(arguments, call_id)

    async def ok(self, name: str, call_id: str = "call", /, **arguments: object) -> str:
        return (await self.call(name, call_id, **arguments)).content

    async def error(self, name: str, call_id: str = "call", /, **arguments: object) -> str:
        try:
            output = await self.call(name, call_id, **arguments)
        except ToolError as error:
            return str(error)
        raise AssertionError(f"{name} was expected to fail, it said: {output.content}")

    async def commit(self, key: str | None = None) -> BatchOutcome:
        self._batches += 1
        return await self.workspace.commit(TURN, key or f"batch-{self._batches}", "What was asked")

    async def vendor(self, *changes: Change) -> None:
        """The vendor saves."""
        await self.store.commit("alice", APP, Commit(changes=changes, author="vendor", message="Saved"))

    async def vendor_writes(self, path: str, content: str | bytes, media_type: str = "") -> None:
        await self.vendor(Put(path, content, await self._version(path), media_type=media_type))

    async def vendor_attaches(self, name: str, data: bytes, media_type: str = "text/plain") -> str:
        """The vendor's message refers to an upload; its id."""
        upload_id = self.uploads.add(name, data, media_type)
        self._attached += await self.uploads.attachments("alice", APP, [upload_id])
        return upload_id

    async def vendor_deletes(self, path: str) -> None:
        await self.vendor(Remove(path, await self._version(path)))

    async def vendor_renames(self, path: str, new_path: str) -> None:
        await self.vendor(Move(path, new_path, await self._version(path)))

    async def files(self) -> dict[str, str | bytes]:
        """What is stored, by path: texts, and the bytes of what is none."""
        listing = await self.store.list_files("alice", APP)
        raw = [await self.store.read_raw("alice", APP, file["path"]) for file in listing.files]
        return {f.info["path"]: f.data if "binary" in f.info else f.data.decode() for f in raw}

    async def revision(self) -> int:
        return (await self.store.list_files("alice", APP)).revision

    async def _version(self, path: str) -> int:
        listing = await self.store.list_files("alice", APP)
        return next((file["version"] for file in listing.files if file["path"] == path), 0)
