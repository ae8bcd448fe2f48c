"""Real git behind a small HTTP server on this machine: `git http-backend`, a token, and faults."""

import base64
import os
import subprocess
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOKEN = "host-token-0123456789abcdef"
IDENTITY = {
    "GIT_AUTHOR_NAME": "Other",
    "GIT_AUTHOR_EMAIL": "other@example.com",
    "GIT_COMMITTER_NAME": "Other",
    "GIT_COMMITTER_EMAIL": "other@example.com",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


def git(folder: Path, *words: str, check: bool = True) -> str:
    """What git says, told in this folder."""
    done = subprocess.run(  # noqa: S603
        ["git", *words],  # noqa: S607
        cwd=folder,
        env={**os.environ, **IDENTITY},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass
class GitServer:
    """The server, its one bare repository, and what befalls the next pushes."""

    url: str
    bare: Path
    work: Path
    drop: str = ""  # "request": nothing of the next push arrives; "answer": all of it, and nobody hears of it
    redirect: str = ""
    seen: list[str] = field(default_factory=list[str])

    def others_push(self, **files: str) -> str:
        """Somebody else writes files on `main` (`__` is a slash, `_dot_` a dot) and pushes."""
        self._clone()
        for name, text in files.items():
            path = self.work / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "-m", "From elsewhere")
        git(self.work, "push", "-q", "origin", "HEAD:main")
        return git(self.work, "rev-parse", "HEAD")

    def checkout(self, branch: str = "main") -> Path:
        """A folder with the files of a branch."""
        self._clone()
        git(self.work, "checkout", "-q", f"origin/{branch}")
        return self.work

    def log(self, branch: str = "main", form: str = "%s") -> list[str]:
        """The commits of a branch, newest first."""
        return git(self.bare, "log", f"--format={form}", branch).split("\n")

    def tip(self, branch: str = "main") -> str:
        return git(self.bare, "rev-parse", branch)

    def hook(self, script: str) -> None:
        """What runs before a push is taken; a script that fails refuses it."""
        path = self.bare / "hooks" / "pre-receive"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def _clone(self) -> None:
        if not self.work.exists():
            git(self.bare, "clone", "-q", str(self.bare), str(self.work))
        git(self.work, "fetch", "-q", "--prune", "origin")
        if git(self.bare, "branch", "--list", "main"):
            git(self.work, "checkout", "-q", "-B", "main", "origin/main")


class _Handler(BaseHTTPRequestHandler):
    """One request; the subclass of a server knows it and its folder."""

    protocol_version = "HTTP/1.0"
    server_of: GitServer
    folder: Path

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing."""

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers["content-length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, body: bytes) -> None:
        server = self.server_of
        server.seen.append(f"{self.command} {self.path}")
        given = self.headers.get("authorization", "").removeprefix("Basic ")
        fault = ""
        if self.command == "POST" and self.path.endswith("git-receive-pack"):
            fault, server.drop = server.drop, ""
        if server.redirect:
            self._say(302, {"location": server.redirect}, b"")
        elif base64.b64decode(given).decode().partition(":")[2] != TOKEN:
            fields = {"content-type": "text/plain; charset=UTF-8"}
            self._say(401, fields, b"remote: Invalid username or token.\n")
        elif fault != "request":
            head, _, content = self._git(body).partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            if fault != "answer":
                self._say(int(fields.pop("Status", "200").split()[0]), fields, content)

    def _git(self, body: bytes) -> bytes:
        path, _, query = self.path.partition("?")
        done = subprocess.run(
            ["git", "http-backend"],  # noqa: S607
            input=body,
            capture_output=True,
            check=False,
            env={
                **os.environ,
                **IDENTITY,
                "GIT_PROJECT_ROOT": str(self.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("content-type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "GIT_PROTOCOL": self.headers.get("git-protocol", ""),
                "REMOTE_USER": "vendor",
            },
        )
        return done.stdout

    def _say(self, status: int, fields: Mapping[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serve(folder: Path) -> Generator[GitServer]:
    """A git host with one empty repository, `/team/app.git`."""
    bare = folder / "team" / "app.git"
    bare.mkdir(parents=True)
    git(bare, "init", "-q", "--bare", "-b", "main")
    git(bare, "config", "http.receivepack", "true")
    git(bare, "config", "receive.fsckObjects", "true")

    class Handler(_Handler):
        """The handler of this server."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = GitServer(f"http://127.0.0.1:{listening.server_port}/team/app.git", bare, folder / "work")
    Handler.server_of, Handler.folder = server, folder
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
