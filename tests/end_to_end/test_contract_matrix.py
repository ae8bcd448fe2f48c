"""Every route of the functions by everyone who may call it; answers follow from rules, not from a list."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.routes import ROUTES as APP_ROUTES
from chat.app import ROUTES as CHAT_ROUTES
from dev.claude import Reply, Text, ToolUse
from git.routes import ROUTES as GIT_ROUTES
from session.routes import ROUTES as SESSION_ROUTES
from tests.end_to_end.contract_world import Vendor, assert_error, token
from tests.end_to_end.documented_client import documented_client
from tests.end_to_end.stack import APPS, BASE, session_of
from tests.git.git_server import TOKEN, GitServer
from tests.git.git_server import serve as serve_git

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What a route takes beside the ids in its path. {app}, {session} and {upload} are the owner's, or none that
# there is, as is what the session waits for.
_SAVED: dict[str, Any] = {"path": "a.txt", "baseVersion": 1}
_SENT: dict[tuple[str, str], list[tuple[str, Any]]] = {
    ("POST", BASE): [
        ("", {"message": "Hi", "appId": "{app}"}),
        ("", {"message": "Hi", "appId": "{app}", "sessionId": "{session}"}),
    ],
    ("GET", BASE + "/{session_id}/stream"): [("", None), ("?continue=1", None)],
    ("GET", BASE): [("?sessionId={session}", None), ("?appId={app}", None)],
    ("POST", BASE + "/{session_id}/approvals/{approval_id}"): [("", {"approved": True, "reason": "Red"})],
    ("PUT", BASE): [("?sessionId={session}", {"title": "Mine"})],
    ("DELETE", BASE): [("?sessionId={session}", None)],
    ("POST", APPS): [("", {"name": "An app"})],
    ("PUT", APPS + "/{app_id}"): [("", {"name": "Mine"})],
    ("GET", APPS + "/{app_id}/files"): [("", None), ("?content=1", None)],
    ("GET", APPS + "/{app_id}/file"): [("?path=a.txt", None)],
    ("GET", APPS + "/{app_id}/raw"): [("?path=a.txt", None)],
    ("PUT", APPS + "/{app_id}/file"): [("", {**_SAVED, "content": "2"})],
    ("DELETE", APPS + "/{app_id}/file"): [("?path=AGENTS.md&baseVersion=1", None)],
    ("POST", APPS + "/{app_id}/rename"): [("", {**_SAVED, "newPath": "b.txt", "baseVersion": 2})],
    ("GET", APPS + "/{app_id}/diff"): [("?from=0&to=1", None)],
    ("PUT", APPS + "/{app_id}/rules"): [("", {"version": 1})],
    ("PUT", APPS + "/{app_id}/policy"): [("", {"publish": "allow"})],
    ("POST", APPS + "/{app_id}/restore"): [("", {"revision": 2, "paths": ["AGENTS.md"]})],
    ("POST", APPS + "/{app_id}/publish"): [("", {})],
    ("PUT", APPS + "/{app_id}/publish"): [("", {"indexed": True})],
    ("POST", APPS + "/{app_id}/publish/rollback"): [("", {"version": 1})],
    ("POST", APPS + "/import"): [("", {"url": "{git}", "token": TOKEN})],
    ("PUT", APPS + "/{app_id}/git"): [("", {"url": "{git}", "token": TOKEN})],
    ("POST", APPS + "/{app_id}/uploads"): [
        ("", {"name": "a", "type": "text/plain", "size": 1, "sha256": "a" * 64})
    ],
}
_OPTIONS = [{"label": "Red"}, {"label": "Blue"}]
ASK = ToolUse("ask_user", {"questions": [{"question": "Which?", "options": _OPTIONS}]})
_DIFFERING = {"date", "x-amzn-requestid"}


@dataclass(frozen=True, slots=True)
class Row:
    """One request that a route knows."""

    method: str
    path: str
    body: dict[str, Any] | None

    @property
    def names_an_id(self) -> bool:
        """True if it is about an app, a session or an upload, which may be another's."""
        return any("{" in str(part) for part in (self.path, *(self.body or {}).values()) if part != "{git}")

    @property
    def acts(self) -> bool:
        """True if it changes or costs something."""
        return self.method != "GET" or "continue=1" in self.path

    def filled(
        self, app: str, session: str, upload: str, git: str, approval: str = "none"
    ) -> tuple[str, str, dict[str, Any] | None]:
        """The request about these; `git` is the address of a repository."""
        ids = {"app": app, "session": session, "app_id": app, "session_id": session, "upload_id": upload}
        ids["approval_id"] = approval
        body = self.body and {
            name: value.format(**ids, git=git) if name.endswith("Id") or name == "url" else value
            for name, value in self.body.items()
        }
        return self.method, self.path.format(**ids), body


def rows() -> list[Row]:
    """All requests, in an order in which the owner's succeed: answers first, what deletes last, then apps."""
    tables: list[tuple[str, Mapping[tuple[str, str], Any]]]
    tables = [(BASE, CHAT_ROUTES), (BASE, SESSION_ROUTES), (APPS, GIT_ROUTES), (APPS, APP_ROUTES)]
    routes = [
        (method, base + path)
        for base, table in tables
        for (method, path), endpoint in table.items()
        if endpoint is not None  # else another function's
    ]
    assert _SENT.keys() <= set(routes)
    found = [
        Row(method, path + more, body)
        for method, path in routes
        for more, body in _SENT.get((method, path), [("", None)])
    ]
    return sorted(found, key=_place)


def _place(row: Row) -> tuple[bool, ...]:
    is_app = row.path.endswith("/{app_id}")
    is_deleting = row.method == "DELETE"
    return "approvals" not in row.path, is_deleting, "path=" not in row.path, APPS in row.path, is_app


def anonymous(answer: httpx.Response) -> tuple[object, dict[str, str]]:
    """What an error tells, but for the number of its request."""
    error = answer.json()["error"]
    error.pop("requestId")
    return error, {name: value for name, value in answer.headers.items() if name not in _DIFFERING}


@pytest.fixture
def git(tmp_path: Path) -> Iterator[GitServer]:
    """A repository with a branch to import, which is pushed to as well."""
    with serve_git(tmp_path) as server:
        server.others_push(LICENSE="free\n")
        yield server


async def test_every_route_answers_each_caller_by_the_rules(vendor: Vendor, stranger: Vendor, git: GitServer):
    session = session_of(await vendor.turn("Hi"))
    await vendor.save("a.txt", "1")
    await vendor.save("AGENTS.md", "Be kind.")
    await vendor.save("index.html", "<p>An app.</p>")
    upload = await vendor.upload(b"A text.", "text/plain")
    cookie = {"Cookie": f"vendor_session={token({'sub': vendor.name})}"}
    async with documented_client(vendor.url) as nobody:
        for row in rows():
            method, path, body = row.filled(vendor.app, session, upload, git.url)
            for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic YTpi"}):
                assert_error(
                    await nobody.request(method, path, json=body, headers=headers), 401, "unauthenticated"
                )

            if row.names_an_id:
                theirs = await stranger.client.request(method, path, json=body)
                absent_method, absent_path, absent_body = row.filled(
                    "no-such-app", "no-such-session", "no-such-upload", git.url
                )
                absent = await stranger.client.request(absent_method, absent_path, json=absent_body)
                for answer in (theirs, absent):
                    assert_error(answer, 404, "not_found")
                assert anonymous(theirs) == anonymous(absent), row

            if "{session}" in f"{row.path}{row.body}" and "{app}" in f"{row.path}{row.body}":
                method, mixed_path, mixed_body = row.filled(stranger.app, session, upload, git.url)
                mixed = await stranger.client.request(method, mixed_path, json=mixed_body)
                assert_error(mixed, 404, "not_found")

            for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}) if row.acts else ():
                refused = await nobody.request(method, path, json=body, headers={**cookie, **origin})
                assert_error(refused, 403, "forbidden_origin")

            if not row.acts:
                evil = {**cookie, "Origin": "https://evil.example"}
                read = await nobody.request(method, path, json=body, headers=evil)
                assert not [name for name in read.headers if name.startswith("access-control-")], row


@pytest.mark.parametrize("way", ["bearer", "cookie"])
async def test_every_route_lets_its_owner_in_by_token_and_by_cookie(vendor: Vendor, git: GitServer, way: str):
    waiting = await vendor.turn(vendor.says(Reply(ASK), Reply(Text("Red, then."))))
    session, [approval] = session_of(waiting), waiting[-1].data["approvals"]
    await vendor.save("a.txt", "1")
    await vendor.save("AGENTS.md", "Be kind.")
    await vendor.save("index.html", "<p>An app.</p>")
    upload = await vendor.upload(b"A text.", "text/plain")
    headers = {"Authorization": vendor.client.headers["authorization"]}
    if way == "cookie":
        signed = token({"sub": vendor.name})
        headers = {"Cookie": f"vendor_session={signed}", "Origin": vendor.url}
    async with documented_client(vendor.url) as client:
        for row in rows():
            method, path, body = row.filled(vendor.app, session, upload, git.url, approval)
            owner = await client.request(method, path, json=body, headers=headers)
            assert owner.status_code in {200, 201, 204}, (row, owner.text)
            if approval in path:
                await vendor.until_status(session, "idle")
