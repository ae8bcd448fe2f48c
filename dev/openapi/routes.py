"""Every route of the product: what it takes, what it answers, how it fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aicode import errors
from aicode.errors import RequestError
from dev.openapi import models

CHAT = "/api/vendor/ai-chat-v2"
APPS = "/api/vendor/apps"

Tag = Literal["chat", "sessions", "apps", "files", "uploads", "publish", "git"]
STREAM = "text/event-stream"
ZIP = "application/zip"
BUNDLE = "application/octet-stream"
BYTES = "*/*"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter or header; a path's parameters are known by its braces."""

    name: str
    description: str
    kind: object = str
    place: Literal["query", "header"] = "query"
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route. `answer` is a TypedDict, or several, or the media type of what is no JSON.

    Of several for `body` a request has one.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    name: str
    tag: Tag
    summary: str
    answer: object
    description: str = ""
    status: int = 200
    parameters: Sequence[Parameter] = ()
    body: type | tuple[type, ...] | None = None
    failures: Sequence[type[RequestError]] = ()
    no_content: str = ""


_SESSION_GONE = (errors.NotFound, errors.SessionExpired)
_BODY = (errors.TooLarge, errors.UnsupportedMediaType)
_CONFLICT = (errors.NotFound, errors.VersionConflict)
_PATH = Parameter("path", "The file's path, relative, `/`-separated.", required=True)
_BASE_VERSION = Parameter("baseVersion", "The version it is at.", int, required=True)

OPERATIONS: Sequence[Operation] = (
    Operation(
        method="POST",
        path=CHAT,
        name="sendMessage",
        tag="chat",
        summary="Send a message and stream the turn",
        description="Disconnecting does not stop the turn; cancelling does. With `replaces` the turn goes on "
        "from before that message, which must be in the session's conversation (else 404). It and what came "
        "after it are no part of the conversation any more; files stay as they are. With `attachments` "
        "Claude sees these uploads with the message; one that cannot be attached refuses it.",
        body=models.SendMessage,
        answer=STREAM,
        failures=(
            *(*_BODY, *_SESSION_GONE, errors.SessionBusy, errors.MessageIdReused),
            *(errors.TooManyTurns, errors.TooManyStreams, errors.BudgetExceeded),
        ),
    ),
    Operation(
        method="GET",
        path=f"{CHAT}/{{sessionId}}/stream",
        name="resumeStream",
        tag="chat",
        summary="Read what was missed of a turn, then what comes",
        description="A stream may end before its turn, after 90 seconds or when its function must, with a "
        "comment `: reconnect`: ask again with the last event's id. That of a turn that waits ends with "
        "`turn_waiting`.",
        parameters=(
            Parameter("Last-Event-ID", "The last event's id, `<turn>-<seq>`.", place="header"),
            Parameter("after", "The same, where the header cannot be set."),
            Parameter("continue", "1: take an interrupted turn up again from its last finished step."),
        ),
        answer=STREAM,
        no_content="No turn is running and nothing was missed.",
        failures=(
            *(errors.ForbiddenOrigin, *_SESSION_GONE, errors.TooManyStreams),
            *(errors.RateLimited, errors.TooManyTurns, errors.BudgetExceeded),
        ),
    ),
    Operation(
        method="POST",
        path=f"{CHAT}/{{sessionId}}/cancel",
        name="cancelTurn",
        tag="sessions",
        summary="Stop the session's turn that runs or waits",
        description="No body is needed. What a waiting turn asks for is answered with a no.",
        answer=models.CancelAnswer,
        failures=(errors.TooLarge, *_SESSION_GONE),
    ),
    Operation(
        method="POST",
        path=f"{CHAT}/{{sessionId}}/approvals/{{approvalId}}",
        name="answerRequest",
        tag="sessions",
        summary="Answer what a waiting turn asks for",
        description="The first answer counts, and the same again is answered the same. With the last one the "
        "turn goes on: read its stream with the last event's id.",
        body=models.AnswerRequest,
        answer=models.RequestAnswered,
        failures=(*_BODY, *_SESSION_GONE, errors.AlreadyAnswered, errors.TooManyTurns),
    ),
    Operation(
        method="GET",
        path=CHAT,
        name="readSessions",
        tag="sessions",
        summary="Read one session, or list an app's sessions",
        description="Give either `sessionId` or `appId`. Reading does not slide a session's life.",
        parameters=(
            Parameter("sessionId", "The session to read."),
            Parameter("appId", "The app whose sessions are listed, the latest changed first."),
            Parameter("limit", "With `sessionId`: how many messages; 200 without it, and at the most.", int),
            Parameter("before", "With `sessionId`: the message before which the page ends."),
        ),
        answer=(models.SessionAnswer, models.SessionsAnswer),
        failures=_SESSION_GONE,
    ),
    Operation(
        method="PUT",
        path=CHAT,
        name="renameSession",
        tag="sessions",
        summary="Give a session a title",
        description="Also while a turn runs. The title has 1 to 100 characters on one line; Claude's own "
        "never replaces it. `updatedAt`, and so the session's place in the list and its life, stay.",
        parameters=(Parameter("sessionId", "The session to rename.", required=True),),
        body=models.RenameSession,
        answer=models.SessionRenamedAnswer,
        failures=(*_BODY, *_SESSION_GONE),
    ),
    Operation(
        method="DELETE",
        path=CHAT,
        name="deleteSession",
        tag="sessions",
        summary="Delete a session; its running turn stops",
        description="A turn that runs is stopped first, and the answer comes when it has ended. One whose "
        "function does not answer is waited for two seconds; from then on it changes no file any more.",
        parameters=(Parameter("sessionId", "The session to delete.", required=True),),
        answer=models.Done,
        failures=_SESSION_GONE,
    ),
    Operation(
        method="GET",
        path=f"{CHAT}/budget",
        name="readBudget",
        tag="sessions",
        summary="Read the vendor's tokens of the day",
        description="Input and output tokens of this UTC day, which ends at `resetsAt`.",
        answer=models.BudgetAnswer,
    ),
    Operation(
        method="GET",
        path=APPS,
        name="listApps",
        tag="apps",
        summary="List the vendor's apps",
        answer=models.AppsAnswer,
    ),
    Operation(
        method="POST",
        path=APPS,
        name="createApp",
        tag="apps",
        summary="Make an app",
        body=models.AppName,
        status=201,
        answer=models.AppAnswer,
        failures=_BODY,
    ),
    Operation(
        method="PUT",
        path=f"{APPS}/{{appId}}",
        name="renameApp",
        tag="apps",
        summary="Rename an app",
        description="`updatedAt`, and so the app's place in the list, stay: they tell of its files.",
        body=models.AppName,
        answer=models.AppAnswer,
        failures=(*_BODY, errors.NotFound),
    ),
    Operation(
        method="DELETE",
        path=f"{APPS}/{{appId}}",
        name="deleteApp",
        tag="apps",
        summary="Delete an app with its files, checkpoints and sessions; running turns stop",
        answer=models.Done,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/files",
        name="listFiles",
        tag="files",
        summary="List an app's files",
        description="With `content=1` files of at most 200,000 bytes come with their contents, at most "
        "4,000,000 bytes together, the smallest first. `rules` is there only where a version of `AGENTS.md` "
        "that Claude made waits for the vendor: until it is accepted, the accepted one before it counts.",
        parameters=(Parameter("content", "1: with contents."),),
        answer=models.FilesAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="PUT",
        path=f"{APPS}/{{appId}}/rules",
        name="acceptRules",
        tag="files",
        summary="Accept the rules as Claude changed them",
        body=models.AcceptRules,
        answer=models.RulesAnswer,
        failures=(*_BODY, errors.NotFound, errors.VersionConflict),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/file",
        name="readFile",
        tag="files",
        summary="Read a file",
        parameters=(_PATH, Parameter("version", "An earlier version.", int)),
        answer=models.FileAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/raw",
        name="readRawFile",
        tag="files",
        summary="Download a file",
        description="The bytes, as an attachment in a sandbox. What a browser could run has the type of "
        "plain text.",
        parameters=(_PATH, Parameter("version", "An earlier version.", int)),
        answer=BYTES,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="PUT",
        path=f"{APPS}/{{appId}}/file",
        name="saveFile",
        tag="files",
        summary="Save a file",
        body=(models.SaveFile, models.SaveBytes),
        answer=models.FileSavedAnswer,
        failures=(*_BODY, *_CONFLICT, errors.PathConflict),
    ),
    Operation(
        method="DELETE",
        path=f"{APPS}/{{appId}}/file",
        name="deleteFile",
        tag="files",
        summary="Delete a file; its versions stay readable",
        parameters=(_PATH, _BASE_VERSION),
        answer=models.RevisionAnswer,
        failures=_CONFLICT,
    ),
    Operation(
        method="POST",
        path=f"{APPS}/{{appId}}/rename",
        name="renameFile",
        tag="files",
        summary="Rename a file",
        body=models.RenameFile,
        answer=models.FileSavedAnswer,
        failures=(*_BODY, *_CONFLICT, errors.PathConflict),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/checkpoints",
        name="listCheckpoints",
        tag="files",
        summary="List what was changed, by turn or by save",
        description="All that a turn changed is one checkpoint, with its last revision.",
        parameters=(
            Parameter("limit", "How many checkpoints; 200 without it, and at the most.", int),
            Parameter("before", "The revision before which the page ends; the newest without it.", int),
        ),
        answer=models.CheckpointsAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/diff",
        name="diffRevisions",
        tag="files",
        summary="Compare two revisions",
        parameters=(
            Parameter("from", "The earlier revision; 0 is the empty app.", int, required=True),
            Parameter("to", "The later revision.", int, required=True),
        ),
        answer=models.DiffAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="POST",
        path=f"{APPS}/{{appId}}/restore",
        name="restoreRevision",
        tag="files",
        summary="Bring files back to a revision, as a new revision",
        body=models.Restore,
        answer=models.RestoreAnswer,
        failures=(*_BODY, *_CONFLICT),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/check",
        name="checkApp",
        tag="files",
        summary="Type-check and bundle the app",
        description="At most 100 errors are listed; one more says how many there are besides. Counts as a "
        "thirtieth of a minute's reads.",
        parameters=(Parameter("revision", "The revision to check; without it the newest.", int),),
        answer=models.CheckAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/export.zip",
        name="exportApp",
        tag="git",
        summary="Download the files",
        description="With a `.git` folder, so that what is unpacked is a repository in which nothing is "
        "changed. It holds the whole history that the app keeps, `.env` files too.",
        answer=ZIP,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/export.bundle",
        name="exportBundle",
        tag="git",
        summary="Download the history as a git bundle",
        description="`git clone` takes it. The branch `main` has a commit for each checkpoint; the same "
        "history always makes the same bytes. It holds all that the app keeps, `.env` files too.",
        answer=BUNDLE,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="POST",
        path=f"{APPS}/import",
        name="importApp",
        tag="git",
        summary="Make an app of a branch of a git repository",
        description="Without `branch` it is the one that a clone shows, without `name` the repository's. "
        "What an app cannot have is skipped and named. The token is used once, and not stored.",
        body=models.ImportApp,
        answer=models.ImportAnswer,
        status=201,
        failures=(*_BODY, errors.RemoteFailed),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/git",
        name="getRemote",
        tag="git",
        summary="Read which git repository the app is pushed to",
        answer=models.RemoteAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/policy",
        name="readPolicy",
        tag="apps",
        summary="Read what Claude may do outside the app's files",
        description="`ask` is what counts where the vendor has set nothing.",
        answer=models.PolicyAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="PUT",
        path=f"{APPS}/{{appId}}/policy",
        name="changePolicy",
        tag="apps",
        summary="Let Claude publish or push by itself, after asking, or never",
        description="What is not given stays as it is. A turn that waits for an answer goes on waiting.",
        body=models.ChangePolicy,
        answer=models.PolicyAnswer,
        failures=(*_BODY, errors.NotFound),
    ),
    Operation(
        method="PUT",
        path=f"{APPS}/{{appId}}/git",
        name="connectRemote",
        tag="git",
        summary="Connect the app to a branch of a git repository",
        description="The token is encrypted, and never told again. Where the host cannot be reached, or does "
        "not let the token push, `problem` says so in its own words. "
        "Without `branch` it is the one that a clone shows, or `main`.",
        body=models.ConnectRemote,
        answer=models.RemoteAnswer,
        failures=(*_BODY, errors.NotFound),
    ),
    Operation(
        method="DELETE",
        path=f"{APPS}/{{appId}}/git",
        name="disconnectRemote",
        tag="git",
        summary="Forget the repository's token",
        answer=models.RemoteAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="POST",
        path=f"{APPS}/{{appId}}/git/push",
        name="pushApp",
        tag="git",
        summary="Push the app, never by force",
        description="What others have pushed is merged line by line; where that is not possible, the app's "
        "commits go to a branch of their own, and `link` compares it. What looks secret, and what holds a "
        "key, is not pushed, and named in `skipped`.",
        answer=models.PushAnswer,
        failures=(errors.NotFound, errors.RemoteFailed),
    ),
    Operation(
        method="POST",
        path=f"{APPS}/{{appId}}/uploads",
        name="announceUpload",
        tag="uploads",
        summary="Announce a file for a message",
        description="The answer is a form that takes just these bytes, until it expires. They pass none of "
        "the API's functions. Pictures have at most 5 MB and 8,000 pixels a side, PDFs 10 MB and 100 pages, "
        "texts 1 MB. What no session refers to is removed after a day.",
        body=models.AnnounceUpload,
        answer=models.NewUploadAnswer,
        status=201,
        failures=(*_BODY, errors.NotFound),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/uploads/{{uploadId}}",
        name="getUpload",
        tag="uploads",
        summary="Read what an upload is",
        description="It is `waiting` until its bytes have arrived; the first request then looks at them.",
        answer=models.UploadAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/uploads/{{uploadId}}/raw",
        name="readRawUpload",
        tag="uploads",
        summary="Download an upload",
        description="The bytes, as an attachment in a sandbox. What a browser could run has the type of "
        "plain text.",
        answer=BYTES,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="POST",
        path=f"{APPS}/{{appId}}/publish",
        name="publishApp",
        tag="publish",
        summary="Build the app and make it live",
        description="Builds a revision, the newest if none is named, as one more version of the app's site, "
        "and shows it at the site's address, which stays the same. The 20 newest versions are kept.",
        body=models.Publish,
        answer=models.PublishedAnswer,
        failures=(*_BODY, errors.NotFound, errors.BuildFailed),
    ),
    Operation(
        method="GET",
        path=f"{APPS}/{{appId}}/publish",
        name="readSite",
        tag="publish",
        summary="Read what the app's address shows",
        answer=models.SiteAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="PUT",
        path=f"{APPS}/{{appId}}/publish",
        name="letIndexSite",
        tag="publish",
        summary="Let search engines list the site, or not",
        description="They are asked to stay away until this says otherwise. A site that is not live is 404.",
        body=models.LetIndex,
        answer=models.PublishedAnswer,
        failures=(*_BODY, errors.NotFound),
    ),
    Operation(
        method="DELETE",
        path=f"{APPS}/{{appId}}/publish",
        name="takeSiteDown",
        tag="publish",
        summary="Take the site down; its versions and its address stay",
        answer=models.TakenDownAnswer,
        failures=(errors.NotFound,),
    ),
    Operation(
        method="POST",
        path=f"{APPS}/{{appId}}/publish/rollback",
        name="rollBackSite",
        tag="publish",
        summary="Make an earlier version live",
        body=models.RollBack,
        answer=models.PublishedAnswer,
        failures=(*_BODY, errors.NotFound),
    ),
)
