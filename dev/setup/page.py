"""The page's packages and its build, made again only when what they are made from changed."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from dev.setup import node
from dev.setup.environment import ROOT, locked, run, say

WEB = ROOT / "web"
DIST = WEB / "dist"
PACKAGES = ROOT / "layers" / "core" / "aicode" / "packages.json"
"""The packages that apps may import: the page's build bundles them."""
_NOT_SOURCES = frozenset({"node_modules", "dist", "test-results", "playwright-report", "e2e", "tests"})


def content_hash(root: Path, files: Iterable[Path]) -> str:
    """A hash over the names and contents of `files`, whatever their order and dates."""
    digest = hashlib.sha256()
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def sources(web: Path) -> list[Path]:
    """Every file that the built page depends on."""
    tops = [entry for entry in web.iterdir() if entry.name not in _NOT_SOURCES]
    return [file for top in tops for file in (top.rglob("*") if top.is_dir() else [top]) if file.is_file()]


def is_current(stamp: Path, wanted: str) -> bool:
    """True if `stamp` holds `wanted`: the hash of what was made last time."""
    return stamp.exists() and stamp.read_text(encoding="utf-8") == wanted


def install_packages() -> dict[str, str]:
    """Brings web/node_modules up to web/package-lock.json; the environment to run npm in."""
    env = npm_environment()
    wanted = content_hash(WEB, [WEB / "package.json", WEB / "package-lock.json"])
    stamp = WEB / "node_modules" / ".installed-from"
    with locked(WEB / "package-lock.json"):
        if not is_current(stamp, wanted):
            say("Installing the page's packages (once) ...")
            run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                "The page's packages could not be installed (see above): check the network, run make again.",
                WEB,
                env,
            )
            stamp.write_text(wanted, encoding="utf-8")
    return env


def build() -> None:
    """Brings web/dist up to the sources; takes a blink where it is. Raises SetupError."""
    wanted = content_hash(ROOT, [*sources(WEB), PACKAGES])
    stamp = DIST / ".built-from"
    if is_current(stamp, wanted):
        return
    env = install_packages()
    with locked(WEB / "package.json"):
        if is_current(stamp, wanted):
            return
        say("Building the page ...")
        run(
            ["npm", "run", "--silent", "build", "--", "--logLevel", "warn"],
            "The page could not be built (see above).",
            WEB,
            env,
        )
        stamp.write_text(wanted, encoding="utf-8")


def npm_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment in which `npm` and `node` are the ones to use."""
    env = dict(os.environ if env is None else env)
    choice = node.choose(node.version_on_path(), has_npm=shutil.which("npm") is not None)
    if choice.note:
        say(choice.note)
    if not choice.on_path:
        env["PATH"] = os.pathsep.join([str(node.packaged_folder()), env.get("PATH", os.defpath)])
    return env
