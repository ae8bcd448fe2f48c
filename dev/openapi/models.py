"""Bodies and answers of the routes, around the objects of `aicode.models`."""

from typing import Annotated, Literal, NotRequired, TypedDict

from aicode.api_types import (
    App,
    Budget,
    Checkpoint,
    Consent,
    File,
    FileAction,
    FileDiff,
    FileInfo,
    NewUpload,
    Policy,
    Problem,
    Remote,
    Session,
    SessionSummary,
    Site,
    SiteVersion,
    Upload,
)
from aicode.file_store.binary import TYPE_LENGTH
from aicode.ids import ID_PATTERN
from aicode.uploads.limits import MOST_BYTES, NAME_LENGTH
from chat.request import ATTACHMENT_LIMIT, MESSAGE_LIMIT
from session.inputs import LONGEST_ANSWER, LONGEST_LINE, MOST_ANSWERS, MOST_LINES, REASON_LENGTH

ID = {"pattern": f"^{ID_PATTERN}$"}
TEXT = {"minLength": 1, "maxLength": MESSAGE_LIMIT, "description": "In code points; not blank."}
REPEATABLE = {**ID, "description": "The client's own; the same again is no second turn."}
REPLACED = {**ID, "description": "A message of the vendor's in this session: go on from before it, instead."}
ATTACHED = {
    "maxItems": ATTACHMENT_LIMIT,
    "uniqueItems": True,
    "description": "Ids of uploads to this app that are ready, attached to an earlier message or not.",
}
SHOWN = {"description": "true: this page shows the app's preview, so Claude may ask to see it."}
REASON = {"maxLength": REASON_LENGTH, "description": "Claude reads it."}
REMEMBERED = {
    "description": "For how long the answer holds for calls of this kind; without it for this call."
}
LABEL = {"maxLength": LONGEST_ANSWER}
LABELS = {"maxItems": MOST_ANSWERS}
PICTURE = {**ID, "description": "The upload with a picture of the preview."}
LINE = {"maxLength": LONGEST_LINE}
LINES = {"maxItems": MOST_LINES, "description": "The last lines of the preview's console."}
CLOSED = {"additionalProperties": False}
VERSION = {"minimum": 0}
BASE64 = {"contentEncoding": "base64", "description": "Of at most 1,000,000 bytes; without line breaks."}

Success = Literal[True]


class SendMessage(TypedDict):
    """A message for Claude. Without `sessionId` a session is made."""

    message: Annotated[str, TEXT]
    appId: Annotated[str, ID]
    sessionId: NotRequired[Annotated[str, ID]]
    messageId: NotRequired[Annotated[str, REPEATABLE]]
    replaces: NotRequired[Annotated[str, REPLACED]]
    attachments: NotRequired[Annotated[list[Annotated[str, ID]], ATTACHED]]
    preview: NotRequired[Annotated[bool, SHOWN]]


class AnswerRequest(TypedDict):
    """The vendor's answer to what a waiting turn asks for; what fits depends on the kind of request.

    `answers` are labels, one list a question; `reason` alone answers a question in the vendor's own words.
    `picture` and `console` are what the page shows, where Claude asked to see it.
    """

    approved: bool
    reason: NotRequired[Annotated[str, REASON]]
    remember: NotRequired[Annotated[Literal["session", "app"], REMEMBERED]]
    answers: NotRequired[Annotated[list[Annotated[list[Annotated[str, LABEL]], LABELS]], LABELS]]
    picture: NotRequired[Annotated[str, PICTURE]]
    console: NotRequired[Annotated[list[Annotated[str, LINE]], LINES]]


class RequestAnswered(TypedDict):
    """What was answered; the turn goes on when none is `waiting`."""

    success: Success
    approved: bool
    waiting: Annotated[int, {"minimum": 0}]


class AppName(TypedDict):
    """An app's name."""

    name: Annotated[str, {"minLength": 1, "maxLength": 100}]


class RenameSession(TypedDict):
    """A session's title; blanks around it are left out."""

    title: Annotated[str, {"minLength": 1}]


class SaveFile(TypedDict):
    """A file's new content; `baseVersion` is the version it replaces, 0 to create it."""

    path: str
    content: str
    baseVersion: Annotated[int, VERSION]


class SaveBytes(TypedDict):
    """A file's new bytes, which are a text too if they are one and `mediaType` says nothing else.

    What a binary file is its bytes say, else `mediaType`, unless a browser would run that.
    """

    path: str
    contentBase64: Annotated[str, BASE64]
    mediaType: NotRequired[Annotated[str, {"minLength": 1, "maxLength": TYPE_LENGTH}]]
    baseVersion: Annotated[int, VERSION]


class RenameFile(TypedDict):
    """A file's new path."""

    path: str
    newPath: str
    baseVersion: Annotated[int, VERSION]


class Restore(TypedDict):
    """The revision to bring files back to; `paths` limits it; `force` overrides later changes to them."""

    revision: Annotated[int, VERSION]
    paths: NotRequired[Annotated[list[str], {"minItems": 1}]]
    force: NotRequired[bool]


class ChangePolicy(TypedDict):
    """What Claude may do outside the app's files by itself, after asking, or never; at least one of them."""

    publish: NotRequired[Consent]
    push: NotRequired[Consent]


class Publish(TypedDict):
    """The revision to publish, the newest without one."""

    revision: NotRequired[Annotated[int, VERSION]]


class RollBack(TypedDict):
    """A version that was published before."""

    version: Annotated[int, VERSION]


class LetIndex(TypedDict):
    """Whether search engines may list the site."""

    indexed: bool


class AnnounceUpload(TypedDict):
    """A file for a message: PNG, JPEG, GIF and WebP pictures, PDF and text are taken. `size` is in bytes."""

    name: Annotated[str, {"minLength": 1, "maxLength": NAME_LENGTH}]
    type: Annotated[str, {"minLength": 3}]
    size: Annotated[int, {"minimum": 1, "maximum": MOST_BYTES}]
    sha256: Annotated[str, {"pattern": "^[0-9a-fA-F]{64}$"}]


class Done(TypedDict):
    """It is done."""

    success: Success


class CancelAnswer(TypedDict):
    """`cancelled` tells whether a turn was running, or waiting."""

    success: Success
    cancelled: bool


class SessionAnswer(TypedDict):
    """One session."""

    success: Success
    session: Session


class SessionRenamedAnswer(TypedDict):
    """The session as a line of the list."""

    success: Success
    session: SessionSummary


class SessionsAnswer(TypedDict):
    """An app's sessions, the latest changed first."""

    success: Success
    sessions: list[SessionSummary]


class BudgetAnswer(TypedDict):
    """What the vendor has used of the day's tokens."""

    success: Success
    budget: Budget


class AppsAnswer(TypedDict):
    """The vendor's apps."""

    success: Success
    apps: list[App]


class AppAnswer(TypedDict):
    """The app."""

    success: Success
    app: App


class ListedFile(FileInfo):
    """A file of a listing; `content` of a text where it was asked for and is not too large."""

    content: NotRequired[str]


class RulesState(TypedDict):
    """Which version of `AGENTS.md` counts as the app's rules, and which waits for the vendor; 0 for none."""

    acceptedVersion: int
    pendingVersion: int


class AcceptRules(TypedDict):
    """The version of `AGENTS.md` that the vendor accepts: the one that waits, a deletion's too."""

    version: int


class RulesAnswer(TypedDict):
    """What counts as the app's rules now."""

    success: Success
    rules: RulesState


class FilesAnswer(TypedDict):
    """An app's files and its revision."""

    success: Success
    revision: int
    rules: NotRequired[RulesState]
    files: list[ListedFile]


class FileAnswer(TypedDict):
    """One file, a text with its content."""

    success: Success
    file: File


class FileSavedAnswer(TypedDict):
    """The file as it is now, and the app's new revision."""

    success: Success
    revision: int
    file: FileInfo


class RevisionAnswer(TypedDict):
    """The app's new revision."""

    success: Success
    revision: int


class CheckpointsAnswer(TypedDict):
    """A page of an app's checkpoints, newest first; `hasMore` if there are earlier ones."""

    success: Success
    checkpoints: list[Checkpoint]
    hasMore: bool


class DiffAnswer(TypedDict):
    """What differs between two revisions."""

    success: Success
    files: list[FileDiff]


class RestoredFile(TypedDict):
    """What the restore did to one path."""

    path: str
    action: FileAction
    version: int
    additions: int
    deletions: int


class RestoreAnswer(TypedDict):
    """The new revision, and what it changed."""

    success: Success
    revision: int
    changes: list[RestoredFile]


class PolicyAnswer(TypedDict):
    """The app's policy as it is now."""

    success: Success
    policy: Policy


class CheckAnswer(TypedDict):
    """What type checker and bundler say of the app at a revision; none of the `errors` is `known`."""

    success: Success
    revision: int
    ok: bool
    errors: list[Problem]
    durationMs: int


class ConnectRemote(TypedDict):
    """A repository over https, a token that may push to it, and a branch."""

    url: Annotated[str, {"minLength": 1, "maxLength": 1000}]
    token: Annotated[str, {"minLength": 1, "maxLength": 1000}]
    branch: NotRequired[Annotated[str, {"minLength": 1, "maxLength": 200}]]


class RemoteAnswer(TypedDict):
    """The repository, null where the app has none; `problem` is what its host minds of the token."""

    success: Success
    remote: Remote | None
    problem: NotRequired[str]


class PushAnswer(TypedDict):
    """What came of a push; `link` is there where the commits went to a branch of their own."""

    success: Success
    result: Literal["pushed", "merged", "branch", "up_to_date"]
    branch: str
    commit: str
    skipped: list[str]
    link: NotRequired[str]


class ImportApp(TypedDict):
    """A branch of a repository, and what the app is to be called."""

    url: Annotated[str, {"minLength": 1, "maxLength": 1000}]
    branch: NotRequired[Annotated[str, {"minLength": 1, "maxLength": 200}]]
    token: NotRequired[Annotated[str, {"minLength": 1, "maxLength": 1000}]]
    name: NotRequired[Annotated[str, {"minLength": 1, "maxLength": 100}]]


class SkippedFile(TypedDict):
    """A file of the branch that the app does not have."""

    path: str
    reason: str


class ImportAnswer(TypedDict):
    """The new app, and what of the branch it lacks."""

    success: Success
    app: App
    skipped: list[SkippedFile]


class NewUploadAnswer(TypedDict):
    """Where the bytes are sent to: a form with `fields`, then the file as `file`, by POST to `url`."""

    success: Success
    upload: NewUpload


class UploadAnswer(TypedDict):
    """The upload."""

    success: Success
    upload: Upload


class PublishedAnswer(TypedDict):
    """What the app's address shows now."""

    success: Success
    site: Site


class TakenDownAnswer(TypedDict):
    """The app's address shows nothing."""

    success: Success
    site: None


class SiteAnswer(TypedDict):
    """What the app's address shows, null if nothing, and the versions that are kept, the newest first."""

    success: Success
    site: Site | None
    versions: list[SiteVersion]


class RequestFailure(TypedDict):
    """Why: `turnId` comes with `session_busy`, `file` with `version_conflict` (null where there is none),
    `errors` with `build_failed`."""

    code: str
    message: str
    requestId: str
    turnId: NotRequired[int]
    file: NotRequired[File | None]
    errors: NotRequired[list[Problem]]


class ErrorAnswer(TypedDict):
    """A request that failed before any stream began."""

    success: Literal[False]
    error: RequestFailure
