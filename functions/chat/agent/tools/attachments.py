"""What the vendor attached to the conversation, as the tools reach it: by its id, or by a path to read it."""

from collections.abc import Sequence

from aicode.api_types import Attachment
from aicode.errors import InvalidRequest, NotFound, StoreUnavailable, ToolError
from aicode.file_store.binary import text_of
from aicode.history import MEDIA, ApiBlock, Entry, ResultsRecord, result_blocks
from aicode.media import SHOWN
from aicode.uploads.store import UploadStore
from chat.agent.tools.content import Binary, Content, described

FOLDER = "attachments"
_IDS = "The ids stand beside the vendor's messages."
_UNAVAILABLE = "The attachments could not be reached just now. Try again."


class Attachments:
    """A vendor's uploads for one app, of which `attached` are those of this conversation.

    An attached text can be read at `attachments/{uploadId}/{name}`, beside the app's own files, and never be
    changed. Where there is no store of uploads, there are no attachments.
    """

    def __init__(
        self,
        uploads: UploadStore | None = None,
        vendor: str = "",
        app_id: str = "",
        attached: Sequence[Attachment] = (),
    ) -> None:
        self._uploads = uploads
        self._owner = vendor, app_id
        self._attached = attached

    def text_paths(self) -> dict[str, str]:
        """The paths at which the conversation's texts can be read, and the upload id of each."""
        texts = [each for each in self._attached if each["mediaType"] not in SHOWN]
        return {text_path(each["uploadId"], each["name"]): each["uploadId"] for each in texts}

    async def at(self, path: str) -> str | None:
        """The id of the upload at this path, None if it is a path of the app. Raises ToolError.

        What follows the id does not matter: a name may be one that no file of an app can have.
        """
        folder, _, rest = path.partition("/")
        upload_id = rest.partition("/")[0]
        if self._uploads is None or folder != FOLDER or not upload_id:
            return None
        try:
            return (await self._uploads.find(*self._owner, upload_id))["uploadId"]
        except (NotFound, InvalidRequest):
            return None
        except StoreUnavailable:
            raise ToolError(_UNAVAILABLE) from None

    async def ready(self, upload_id: str) -> Attachment:
        """The attachment with this id, of any conversation about the app. Raises ToolError if it is gone."""
        if self._uploads is None:
            raise ToolError(f"Nothing is attached. {_IDS}")
        try:
            [attachment] = await self._uploads.attachments(*self._owner, [upload_id])
        except (NotFound, InvalidRequest) as error:
            raise ToolError(f"{error.message} {_IDS}") from None
        except StoreUnavailable:
            raise ToolError(_UNAVAILABLE) from None
        return attachment

    async def content(self, attachment: Attachment) -> Content:
        """What was uploaded. Raises ToolError if it has been removed."""
        data = await self._read(attachment["uploadId"])
        if data is None:
            raise ToolError(f"{attachment['name']} is not kept any more; the vendor can attach it again.")
        text = None if attachment["mediaType"] in SHOWN else text_of(data)
        return Binary(data, attachment["mediaType"]) if text is None else text

    async def texts(self, paths: Sequence[str]) -> dict[str, str]:
        """Those of these texts of the conversation that are still there, by path."""
        known = self.text_paths()
        read = {path: await self._read(known[path]) for path in paths}
        return {path: text for path, data in read.items() if data and (text := text_of(data)) is not None}

    async def _read(self, upload_id: str) -> bytes | None:
        if self._uploads is None:
            return None
        try:
            return await self._uploads.read(*self._owner, upload_id)
        except NotFound:
            return None
        except StoreUnavailable:
            raise ToolError(_UNAVAILABLE) from None


def text_path(upload_id: str, name: str) -> str:
    """The path at which a text that the vendor attached can be read."""
    return f"{FOLDER}/{upload_id}/{name}"


def attached_in(entries: Sequence[Entry]) -> list[Attachment]:
    """What the vendor's messages in this history refer to, each upload once."""
    records = (entry["record"] for entry in entries)
    attached = (each for r in records if r["kind"] == "user" for each in r.get("attachments", ()))
    return list({each["uploadId"]: each for each in attached}.values())


def upload_ids_in(entries: Sequence[Entry]) -> list[str]:
    """The uploads that the conversation refers to, each once, also in messages that a summary stands for.

    What Claude was shown by a tool comes last, before it the newest of the vendor's messages.
    """
    records = [entry["record"] for entry in entries]
    summed_up = [each for r in records if r["kind"] == "summary" for each in r.get("uploadIds", ())]
    shown = [str(block["uploadId"]) for r in records if r["kind"] == "results" for block in _shown_in(r)]
    attached = [each["uploadId"] for each in attached_in(entries)]
    return list(dict.fromkeys([*summed_up, *attached, *shown]))


def _shown_in(record: ResultsRecord) -> list[ApiBlock]:
    """The uploads among what tools gave."""
    blocks = [block for result in record["content"] for block in result_blocks(result)]
    return [block for block in blocks if block.get("type") == MEDIA and "uploadId" in block]


def described_attachment(attachment: Attachment) -> str:
    """In words, what was attached."""
    sides = attachment.get("width", 0), attachment.get("height", 0)
    return described(attachment["mediaType"], attachment["size"], *sides, attachment.get("pages", 0))
